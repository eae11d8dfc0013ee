// Puts the packages that tests load most into a file each, in dist/node_modules, where the compiled tests look first. Most of what
// a small test takes is loading tap from its hundred and ninety files (which `tap build` has to have made); from one it takes a third.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const folder = fileURLToPath(new URL('../dist/node_modules/', import.meta.url));

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

rmSync(folder, { recursive: true, force: true });
// tap leaves whatever is in its scope out of the stacks that it shows.
await bundle('tap', import.meta.resolve('tap'), '@tapjs/all.mjs', ['*', '{ default }']);
await bundle('@peculiar/x509', new URL('x509.es.js', import.meta.resolve('@peculiar/x509')), 'x509.mjs', ['*']);
