// Puts the compiled program and its packages into one file, dist/src/cli/program.cjs, which dist/src/main.js loads.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const compiled = fileURLToPath(new URL('../dist/src/', import.meta.url));
const file = `${compiled}cli/program.cjs`;

/** Has the bundle's map lead back to the sources and not to what `tsc` made of them. */
const mapped = {
  name: 'maps of tsc',
  load(id) {
    if (!existsSync(`${id}.map`) || !id.startsWith(compiled)) return null;
    return { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') };
  },
};

await build({
  input: `${compiled}cli/program.js`,
  platform: 'node',
  plugins: [mapped],
  output: {
    file,
    format: 'cjs',
    codeSplitting: false,
    // A script that V8 knows from another time has no way to import.
    dynamicImportInCjs: false,
    comments: { jsdoc: false },
    // Heeded with `node --enable-source-maps`.
    sourcemap: true,
  },
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message);
  },
});

// A source with other characters is kept as UTF-16, and takes twice as long to read.
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, escaped));
