// Puts the compiled program and its packages into one file, dist/src/cli/program.cjs, which dist/src/main.js loads.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const compiled = fileURLToPath(new URL('../dist/src/', import.meta.url));

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
    file: `${compiled}cli/program.cjs`,
    format: 'cjs',
    codeSplitting: false,
    // Heeded with `node --enable-source-maps`.
    sourcemap: true,
  },
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message);
  },
});
