import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import t from 'tap';
import { command } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A place of its own for the program as it was built, without what makes it start faster. */
async function place(t: Scope): Promise<{ main: string; program: string; cache: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'code-cache-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [main, program] = [join(folder, 'dist', 'src', 'main.js'), join(folder, 'dist', 'src', 'cli', 'program.cjs')];
  await mkdir(dirname(program), { recursive: true });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await copyFile(command, main);
  await copyFile(join(dirname(command), 'cli', 'program.cjs'), program);
  return { main, program, cache: `${program}-${process.version}-${process.arch}.cache` };
}

/** What the scripts were told of their caches that a start made: a preloaded file says so. */
const telling = `const vm = require('node:vm');
vm.Script = class extends vm.Script {
  constructor(...args) { super(...args); console.log('rejected: ' + this.cachedDataRejected); }
};`;

t.test('what the build puts beside the program is taken by the Node that made it', async (t) => {
  const { main, program, cache } = await place(t);
  await execute(process.execPath, [join(root, 'scripts', 'code-cache.mjs'), main]);
  const tell = join(dirname(main), 'tell.cjs');
  await writeFile(tell, telling);
  const { stdout } = await execute(process.execPath, ['--require', tell, main, '--version']);
  t.equal(stdout, `rejected: false\n${version}\n`);
  // What a start needs is in it, and not only that there are functions.
  const bare = new Script(await readFile(program, 'latin1')).createCachedData();
  t.ok((await stat(cache)).size > bare.length + 200_000);
});

t.test('the program starts without it, and with one that is of no use', async (t) => {
  const { main, cache } = await place(t);
  for (const content of [undefined, '', 'nonsense', 'x'.repeat(100_000)]) {
    if (content !== undefined) await writeFile(cache, content);
    t.equal((await execute(process.execPath, [main, '--version'])).stdout, `${version}\n`);
  }
});
