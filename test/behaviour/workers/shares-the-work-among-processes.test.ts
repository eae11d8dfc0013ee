import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { open, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { runCommand } from '../../fixtures/proxy.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

t.test('workers: 2 has two processes serve, and one signal end all', async (t) => {
  const { proxy, url } = await startPair(t, { config: { workers: 2 } });
  const pids = await untilServedBy(proxy, `${url}/x`, 2);
  t.notOk(pids.includes(proxy.pid), 'the one that was started serves nothing');
  t.equal(proxy.log.all('listening').length, 1, 'told once');
  const { code, stderr } = await proxy.stop();
  t.same({ code, stderr }, { code: 0, stderr: '' });
  t.equal(proxy.log.all('draining').length, 1);
  t.match(proxy.log.all('stopped'), [{ inFlight: 0 }]);
});

t.test('workers: auto serves', async (t) => {
  const { proxy, url } = await startPair(t, { config: { workers: 'auto' } });
  t.equal((await send(`${url}/x`)).status, 200);
  t.equal((await proxy.stop()).code, 0);
});

t.test('E11 a request that runs is finished before the end', async (t) => {
  let finish: () => void = () => t.fail('nothing to finish');
  const { proxy, url } = await startPair(t, {
    config: { workers: 2 },
    handler: (_request, response) => {
      response.write('begin');
      finish = () => response.end('-end');
    },
  });
  const response = await open(`${url}/slow`).response;
  proxy.signal('SIGTERM');
  t.match(await proxy.log.next('draining'), { inFlight: 1 });
  finish();
  let text = '';
  for await (const chunk of response) text += chunk;
  t.equal(text, 'begin-end');
  t.equal((await proxy.exited).code, 0);
});

t.test('E11 past `drain` it is cut off, and the exit code says so', async (t) => {
  const { proxy, url } = await startPair(t, {
    config: { workers: 2, drain: '100ms' },
    handler: (_request, response) => void response.write('begin'),
  });
  const response = await open(`${url}/slow`).response;
  response.on('error', () => undefined); // it is cut off
  const { code } = await proxy.stop();
  t.equal(code, 1);
  t.match(proxy.log.all('stopped'), [{ inFlight: 1 }]);
});

t.test('E11 a second signal ends all at once', async (t) => {
  const { up, proxy, url } = await startPair(t, { config: { workers: 2, drain: '1h' }, handler: () => undefined });
  const { response } = open(`${url}/slow`);
  await up.requests.first();
  proxy.signal('SIGTERM');
  await proxy.log.next('draining');
  // The end of its output, which stop() waits for, is that of all who share it.
  t.match(await proxy.stop('SIGINT'), { code: 130, signal: null });
  await t.rejects(response, { code: 'ECONNRESET' });
});

t.test('E7 an address that is taken is told once, and nothing is left running', async (t) => {
  const { proxy } = await startPair(t, {});
  const listen = `127.0.0.1:${proxy.port}`;
  const folder = t.testdir({
    'proxy.yaml': `listen: ${listen}\nworkers: 3\nroutes:\n  - { name: a, match: { path: /a }, upstream: "https://127.0.0.1:1" }\n`,
  });
  const { code, stderr } = await runCommand(['run', '--config', `${folder}/proxy.yaml`]);
  t.equal(code, 1);
  t.match(stderr, new RegExp(`^mtls-proxy: ${listen} is in use by another program; stop it, or change \`listen\`\\n$`));
});

t.test('a Unix socket serves for all', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'p.sock');
  const { proxy } = await startPair(t, { config: { workers: 2, listen: `unix:${path}` } });
  for (let left = 4; left > 0; left -= 1) {
    t.equal((await send('http://localhost/iot/x', { socketPath: path })).status, 200);
  }
  t.equal((await proxy.stop()).code, 0);
});
