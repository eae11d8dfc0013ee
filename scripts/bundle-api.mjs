// Puts what a program imports into one file, dist/src/api/index.js, beside the types that `tsc -p tsconfig.api.json` writes. The
// packages stay outside: they are installed with this one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = new URL('../', import.meta.url);
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

await build({
  input: fileURLToPath(new URL('dist/src/index.js', root)),
  platform: 'node',
  external: Object.keys(dependencies),
  output: { file: fileURLToPath(new URL('dist/src/api/index.js', root)), format: 'esm', codeSplitting: false },
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message);
  },
});
