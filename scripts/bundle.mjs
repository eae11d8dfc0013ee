// Puts the compiled program and its packages into one file, dist/src/cli/program.cjs, which dist/src/main.js loads.
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const compiled = fileURLToPath(new URL('../dist/src/', import.meta.url));

await build({
  input: `${compiled}cli/program.js`,
  platform: 'node',
  output: {
    file: `${compiled}cli/program.cjs`,
    format: 'cjs',
    codeSplitting: false,
    // Back to what `tsc` wrote, with `node --enable-source-maps`.
    sourcemap: true,
  },
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message);
  },
});
