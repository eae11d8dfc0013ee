// Puts the packages that tests load most into a file each, in dist/node_modules, where the compiled tests look first. Most of what
// a small test takes is loading tap from its 270 files (some of which `tap build` has to have made); from one it takes a quarter.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
// It is there as a whole or not at all, whoever else does the same or ends in the midst of it.
const folder = `${dist}bundling-${process.pid}/`;

/** Has `import 'NAME'` of a test give what is in one file now, which is at `place` of the folder. */
async function bundle(name, input, place, exported) {
  await build({
    input: fileURLToPath(input),
    platform: 'node',
    // What only adds itself to something else as it is loaded stays.
    treeshake: false,
    output: { file: `${folder}${place}`, format: 'esm', codeSplitting: false, comments: { jsdoc: false } },
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  mkdirSync(`${folder}${name}`, { recursive: true });
  writeFileSync(`${folder}${name}/package.json`, '{ "type": "module", "exports": "./index.js" }\n');
  const from = posix.relative(name, place);
  writeFileSync(`${folder}${name}/index.js`, exported.map((what) => `export ${what} from '${from}';\n`).join(''));
}

// tap leaves whatever is in its scope out of the stacks that it shows.
await bundle('tap', import.meta.resolve('tap'), '@tapjs/all.mjs', ['*', '{ default }']);
await bundle('@peculiar/x509', new URL('x509.es.js', import.meta.resolve('@peculiar/x509')), 'x509.mjs', ['*']);
try {
  renameSync(folder, `${dist}node_modules`);
} catch (error) {
  // Another has been quicker; what it made is the same.
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  rmSync(folder, { recursive: true });
}
