import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { oneRoute, runCommand } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';

async function folder(t: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'socket-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Tells the mode that a file has just before it gets another. */
const tellModes = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { chmodSync } = fs;
  fs.chmodSync = (path, mode) => {
    console.error('before chmod: ' + (fs.lstatSync(path).mode & 0o777).toString(8));
    return chmodSync(path, mode);
  };
  syncBuiltinESMExports();
`)}`;

t.test('E6 a unix socket is at no moment open to more users than its mode says, whatever the umask', async (t) => {
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  for (const [mode, told] of [
    [undefined, ''],
    ['0600', ''],
    ['0660', 'before chmod: 600\n'],
  ] as const) {
    const unix = join(await folder(t), 'p.sock');
    const listen = mode === undefined ? `unix:${unix}` : { unix, mode };
    const { proxy } = await startPair(t, { config: { listen }, env: { NODE_OPTIONS: `--import ${tellModes}` } });
    t.equal((await stat(unix)).mode & 0o777, Number.parseInt(mode ?? '600', 8));
    t.equal((await proxy.stop()).stderr, told);
  }
});

t.test('E6 a stop leaves the socket of another program that has taken the place', async (t) => {
  const directory = await folder(t);
  const unix = join(directory, 'p.sock');
  const { proxy } = await startPair(t, { config: { listen: `unix:${unix}` } });
  await unlink(unix);
  const other = createServer((socket) => socket.end('other')).listen(unix);
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { ino } = await stat(unix);
  t.match(await proxy.stop(), { code: 0 });
  t.equal((await stat(unix)).ino, ino);
  t.same(await readdir(directory), ['p.sock']);
});

t.test('E6 a socket that is gone is nothing to a stop', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  const { proxy } = await startPair(t, { config: { listen: `unix:${unix}` } });
  await unlink(unix);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
});

t.test('E6 a folder that is not there, or not for this user', async (t) => {
  const directory = await folder(t);
  const run = async (unix: string) => {
    const config = { ...oneRoute('https://device.test'), listen: `unix:${unix}` };
    await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': JSON.stringify(config) });
    return runCommand(['run', '--config', join(directory, 'proxy.yaml')]);
  };
  const told = /p\.sock cannot be made: its folder is not there, or this user may not write in it/;
  // In /proc nobody makes files, not even root.
  for (const path of [join(directory, 'none', 'p.sock'), '/proc/p.sock']) {
    t.match(await run(path), { code: 1, stderr: told });
  }
});

t.test('E6 a mode without a meaning to others is kept as it is', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  await startPair(t, { config: { listen: { unix, mode: '0700' } } });
  t.equal((await stat(unix)).mode & 0o777, 0o700);
  t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
});
