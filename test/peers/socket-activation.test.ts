import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { send } from '../fixtures/client.ts';
import { pki, trusting } from '../fixtures/pair.ts';
import { pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

t.test('a real systemd-socket-activate starts it for the first connection, which is served', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'activate-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const [first, second] = [join(directory, '1.sock'), join(directory, '2.sock')];
  const up = await startUpstream(t, trusting);
  let hasEnded = false;
  const starting = runProxy(t, {
    config: { ...oneRoute(up.url), listen: 'systemd:second', admin: 'systemd:first' },
    files: pkiFiles(pki),
    launch: (argv) => ['systemd-socket-activate', '-l', first, '-l', second, '--fdname=first:second', ...argv],
  });
  starting.catch(() => {
    hasEnded = true;
  });
  const connect = async (): Promise<number> => {
    for (;;) {
      try {
        return (await send('http://localhost/healthz', { socketPath: first })).status;
      } catch (error) {
        // It says to nobody when it listens; that the process has ended, `starting` tells.
        const { code = '' } = error as NodeJS.ErrnoException;
        if (hasEnded || !['ENOENT', 'ECONNREFUSED'].includes(code)) throw error;
        await delay(10);
      }
    }
  };
  const [status, proxy] = await Promise.all([connect(), starting]);
  t.equal(status, 200);
  t.same(proxy.addresses, [`unix:${second}`]);
  t.equal((await send('http://localhost/iot', { socketPath: second })).status, 200);
  t.match(await proxy.stop(), { code: 0 });
});
