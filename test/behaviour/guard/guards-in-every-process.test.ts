import { once } from 'node:events';
import { mkdtemp, rm, stat, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { other, own, sendAs } from '../../fixtures/as-user.ts';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

async function folder(t: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'workers-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

t.test('guard.users: each process knows who connects', async (t) => {
  const { proxy, url } = await startPair(t, { config: { workers: 2, guard: { users: [own] } } });
  t.equal((await untilServedBy(proxy, url, 2)).length, 2);
  if (own !== other) for (let n = 0; n < 4; n += 1) t.equal((await sendAs(other, url)).status, 403);
});

t.test('E5 what is exposed is said once', async (t) => {
  const { proxy } = await startPair(t, {
    config: { workers: 2, listen: '0.0.0.0:0', exposed: true, guard: { hosts: ['proxy.test'] } },
  });
  t.match(proxy.log.all('listening'), [{ address: /^0\.0\.0\.0/, exposed: true }]);
  const { stderr } = await proxy.stop();
  t.equal(stderr.match(/EXPOSED to other machines/g)?.length, 1);
});

t.test('E6 a unix socket is for its owner only, and lets in its owner', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  const { proxy } = await startPair(t, { config: { workers: 2, listen: `unix:${unix}`, guard: { users: [own] } } });
  t.equal((await stat(unix)).mode & 0o777, 0o600);
  for (let n = 0; n < 8; n += 1) t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
  await t.rejects(stat(unix), { code: 'ENOENT' });
});

t.test('E6 a stop leaves the socket of another program that has taken the place', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  const { proxy } = await startPair(t, { config: { workers: 2, listen: `unix:${unix}` } });
  await unlink(unix);
  const stranger = createServer((socket) => socket.end('other')).listen(unix);
  await once(stranger, 'listening');
  t.teardown(() => stranger.close());
  const { ino } = await stat(unix);
  t.match(await proxy.stop(), { code: 0 });
  t.equal((await stat(unix)).ino, ino);
});
