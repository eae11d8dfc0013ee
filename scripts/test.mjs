// Runs compiled test files with Node's own runner, several at a time, and ends non-zero if a test failed.
//   node scripts/test.mjs [--jobs N] [FOLDER_OR_FILE …]     default: dist/test without dist/test/peers
// tap's runner puts a module loader into every process, and into every process that a test starts: with it the same
// tests cost more than twice the time. What tap asserts reaches Node's runner as its own tests.

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';

// Tests wait as much as they work.
const { values, positionals } = parseArgs({
  options: { jobs: { type: 'string', default: String(availableParallelism() + 1) } },
  allowPositionals: true,
});
const places = positionals.length > 0 ? positionals : ['dist/test'];
const peers = join('dist', 'test', 'peers');

/** The test files in a folder and below, or the file itself; those that need programs of the system only if asked for. */
function testFiles(place) {
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(place, entry.name);
      if (entry.isDirectory()) return path === peers ? [] : testFiles(path);
      return entry.name.endsWith('.test.js') ? [path] : [];
    });
}

// In seconds, for what tap waits for one file; its own default is too short for a busy machine.
process.env.TAP_TIMEOUT ??= '120';
const files = places.flatMap(testFiles);
if (files.length === 0) throw new Error(`no test file in ${places.join(', ')}; build first: npm run build`);
// What nearly all of them need, and takes each of them as long as many a test. A build removes the first of it.
if (!existsSync(join('dist', 'node_modules'))) await import('./bundle-for-tests.mjs');
const { makePki, packPki } = await import('../dist/test/fixtures/pki.js');
const folder = mkdtempSync(join(tmpdir(), 'test-pki-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.env.TEST_PKI = join(folder, 'pki.json');
writeFileSync(process.env.TEST_PKI, packPki(await makePki()), { mode: 0o600 });

const tests = run({ files, concurrency: Number(values.jobs) });
tests.on('test:fail', () => {
  process.exitCode = 1;
});
// Nor may one be left out, or assert nothing, which tap calls the same.
tests.on('test:pass', ({ name, file, skip, todo }) => {
  if (skip === undefined && todo === undefined) return;
  process.stderr.write(`${file ?? ''}: '${name}' asserts nothing\n`);
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
