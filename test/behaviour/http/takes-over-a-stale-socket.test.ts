import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { oneRoute, runCommand } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';

/** A folder whose path is short: one of a socket has 107 bytes at most. */
async function folder(t: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'socket-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

t.test('E6 a unix socket: its mode, and the one that a killed proxy left is replaced', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  const first = await startPair(t, { config: { listen: `unix:${unix}` } });
  t.equal((await stat(unix)).mode & 0o777, 0o600);
  t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
  await first.proxy.kill();
  t.ok((await stat(unix)).isSocket(), 'it is still there');

  const second = await startPair(t, { config: { listen: { unix, mode: '0660' } } });
  t.equal((await stat(unix)).mode & 0o777, 0o660);
  t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
  await second.proxy.stop();
  await t.rejects(stat(unix), { code: 'ENOENT' }, 'a stop takes it away');
});

t.test('E6 one on which somebody listens, and what is no socket, are left alone', async (t) => {
  const directory = await folder(t);
  const live = join(directory, 'live.sock');
  const file = join(directory, 'file');
  await writeFile(file, 'precious');
  const other = createServer().listen(live);
  await once(other, 'listening');
  t.teardown(() => other.close());
  for (const [path, reason] of [
    [live, /live\.sock is in use by another program; stop it, or change `listen`/],
    [join(directory, 'x'.repeat(100)), /x is too long for a socket, whose path has 107 bytes at most/],
    [file, /file is no socket; remove it, or change `listen`/],
  ] as const) {
    const config = { ...oneRoute('https://device.test'), listen: `unix:${path}` };
    await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': JSON.stringify(config) });
    const { code, stderr } = await runCommand(['run', '--config', join(directory, 'proxy.yaml')]);
    t.equal(code, 1);
    t.match(stderr, reason);
  }
  t.ok((await stat(live)).isSocket());
  t.ok(other.listening);
  t.equal((await stat(file)).size, 8);
});
