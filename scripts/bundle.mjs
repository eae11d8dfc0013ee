// Puts the compiled program and its packages into one file, dist/src/cli/program.cjs, which dist/src/main.js loads, and what only a
// log at a terminal needs into another one beside it, which is read for that.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const compiled = fileURLToPath(new URL('../dist/src/', import.meta.url));
const folder = `${compiled}cli/`;

/** Has the bundle's map lead back to the sources and not to what `tsc` made of them. */
const mapped = {
  name: 'maps of tsc',
  load(id) {
    if (!existsSync(`${id}.map`) || !id.startsWith(compiled)) return null;
    return { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') };
  },
};

/** Leaves a package to its own file. */
const beside = {
  name: 'beside',
  resolveId: (id) => (id === 'pino-pretty' ? { id: `./${id}.cjs`, external: true } : null),
};

/** What packages load at the top for what never happens here, or only once something is wrong, is loaded when it is used. */
const late = {
  name: 'late',
  resolveId(id, importer) {
    if (!importer?.includes('/node_modules/')) return null;
    if (/^(node:)?assert$/.test(id)) return { id: '\0assert.cjs' };
    // pino asks whether it is on the main thread, and has another one for its transports. There are none here.
    if (/^(node:)?worker_threads$/.test(id)) return { id: '\0threads.cjs' };
    // By these pino's transports write, pino strikes out secrets, and http-proxy goes after redirects, each if it is told to.
    if (/^(thread-stream|@pinojs\/redact|follow-redirects)$/.test(id)) return { id: '\0none.cjs' };
    return null;
  },
  load(id) {
    if (id === '\0assert.cjs') {
      return `const real = () => require('node:assert');
        module.exports = new Proxy(() => {}, { apply: (_, self, all) => real()(...all), get: (_, name) => real()[name] });`;
    }
    if (id === '\0none.cjs') return '';
    if (id === '\0threads.cjs') return `exports.isMainThread = true;`;
    // Whose files have called is for pino's transports, too: to tell, V8 looks for the end of each line of the whole bundle.
    if (id.endsWith('/pino/lib/caller.js')) return `module.exports = () => [];`;
    return null;
  },
};

/** Writes `input` and all that it imports into `file`, as one CommonJS module; `plugins` say what of it is something else there. */
async function bundle(input, file, plugins) {
  await build({
    input,
    platform: 'node',
    plugins,
    output: {
      file,
      format: 'cjs',
      codeSplitting: false,
      // A script that V8 knows from another time has no way to import.
      dynamicImportInCjs: false,
      comments: { jsdoc: false },
      // As a module it runs by itself; as a script it is the function that does, so that nobody has to copy it to put that around it.
      banner: `((program) => typeof module === 'undefined' ? program : program(exports, require, module, __filename))((
function (exports, require, module, __filename) {`,
      footer: '}));',
      // Heeded with `node --enable-source-maps`.
      sourcemap: true,
    },
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  // A source with other characters is kept as UTF-16, and takes twice as long to read.
  writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, escaped));
}

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

await bundle(`${compiled}cli/program.js`, `${folder}program.cjs`, [mapped, beside, late]);
await bundle(fileURLToPath(import.meta.resolve('pino-pretty')), `${folder}pino-pretty.cjs`, [late]);
