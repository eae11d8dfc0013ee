import { existsSync } from 'node:fs';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';
import { settled } from '../../fixtures/vitals.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

/** Node's option by which a process fails of itself at SIGUSR2. */
const failingBy = (statement: string) =>
  `--import data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${statement} });`)}`;

async function start(t: Parameters<typeof runProxy>[0], statement: string, keys: object = {}) {
  const up = await startUpstream(t, trusting);
  const env = { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${failingBy(statement)}`.trim() };
  return runProxy(t, { config: { ...oneRoute(up.url), ...keys }, files: pkiFiles(pki), env, strays: true });
}

t.test('E15 a rejected promise that nobody awaits is told, and the proxy goes on', async (t) => {
  const proxy = await start(t, "void Promise.reject(new Error('injected'))");
  const { url } = proxy;
  t.equal((await send(`${url}/iot`)).status, 200);
  proxy.signal('SIGUSR2');
  t.equal((await send(`${url}/iot`)).status, 200);
  proxy.signal('SIGUSR2');
  t.equal((await send(`${url}/iot`)).status, 200);
  const { code, stderr } = await proxy.stop();
  t.equal(code, 0);
  t.match(stderr, /a fault of this program, which goes on; please report it: nobody awaits Error: injected\n +at /);
});

// What it was about to do, nobody knows: it may have been about to take a connection of one identity out of a pool.
t.test('E15 an exception outside of every request ends it by 1, with all its lines in the log', async (t) => {
  const proxy = await start(t, "throw new Error('injected')");
  for (let n = 0; n < 50; n += 1) await send(`${proxy.url}/iot`);
  proxy.signal('SIGUSR2');
  const { code, stderr, stdout } = await proxy.exited;
  t.equal(code, 1);
  t.match(stderr, /Error: injected\n +at /);
  t.equal(stdout.split('\n').filter((line) => line.includes('"msg":"request"')).length, 50);
});

t.test('E15 with several processes another one takes its place', async (t) => {
  const statement = "if (process.env.MTLS_PROXY_WORKER !== undefined) throw new Error('injected')";
  const proxy = await start(t, statement, { workers: 2 });
  const [victim = 0] = await untilServedBy(proxy, `${proxy.url}/iot`, 2);
  process.kill(victim, 'SIGUSR2');
  t.notOk(
    await settled(
      async () => existsSync(`/proc/${victim}`),
      (isThere) => !isThere,
    ),
  );
  t.notOk((await untilServedBy(proxy, `${proxy.url}/iot`, 2)).includes(victim));
  t.match((await proxy.stop()).stderr, /the worker \d+ has ended \(1\); another one takes its place/);
});
