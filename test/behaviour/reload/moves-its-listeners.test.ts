import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Agent, type ServerResponse } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, refusal, swap } from '../../fixtures/reload.ts';

/** How a connection to a port comes out: the error's code, or `connect`. */
function knock(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  return new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connect'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  }).finally(() => socket.destroy());
}

t.test('C10 a listener is moved: the new one serves, what runs on the old one finishes', async (t) => {
  let answer!: ServerResponse;
  const { up, url, proxy } = await startPair(t, {
    handler: (request, response) => {
      if (request.url === '/slow') answer = response;
      else response.end('ok');
    },
  });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const running = send(`${url}/slow`, { agent });
  await up.requests.first();
  const from = proxy.log.lines.length;
  const line = await swap(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), listen: 'localhost:0' }));
  t.same(line['changed'], ['listen localhost:0 added', 'listen 127.0.0.1:0 removed']);
  const { address } = await proxy.log.next('listening', from);
  t.equal((await send(`http://localhost:${String(address).split(':').at(-1)}/iot`)).text(), 'ok');
  t.equal(await knock(proxy.port), 'ECONNREFUSED');
  answer.end('late');
  t.match(await running, { status: 200, headers: { connection: 'close' } });
});

t.test('C10 an address that is taken: nothing of the new configuration is taken over', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const { up, url, proxy } = await startPair(t);
  const listen = ['127.0.0.1:0', 'localhost:0', `127.0.0.1:${port}`];
  const config = { listen, routes: [{ name: 'new', match: { path: '/new' }, upstream: up.url }] };
  const line = await refusal(proxy, () => reconfigure(proxy, config));
  t.match(line, { generation: 1, changed: [] });
  t.match(line['problems'], [
    new RegExp(`/proxy\\.yaml:4:5: 127\\.0\\.0\\.1:${port} is in use by another program; stop`),
  ]);
  t.equal((await send(url)).status, 200);
  t.equal((await send(`${proxy.url}/new`)).status, 404);
  t.equal(proxy.log.all('listening').length, 1);
});

t.test('C10 an address that overlaps our own: it is said to need a restart', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const line = await refusal(proxy, () =>
    reconfigure(proxy, { ...oneRoute(up.url), listen: `localhost:${proxy.port}` }),
  );
  t.match(line['problems'], [/:1:9: localhost:\d+ is in use, by this proxy's own listener on 127.*restart/]);
  t.equal((await send(url)).status, 200);
});

t.test('C10 Unix sockets: another mode, and another path', async (t) => {
  const { up, proxy } = await startPair(t, { config: { listen: 'unix:p.sock' } });
  const at = (name: string) => join(proxy.directory, name);
  const mode = async (name: string) => ((await stat(at(name))).mode & 0o777).toString(8);
  const status = async (name: string) => (await send('http://localhost/iot', { socketPath: at(name) })).status;
  t.equal(await mode('p.sock'), '600');
  const open = { ...oneRoute(up.url), listen: { unix: 'p.sock', mode: '0660' } };
  t.same((await swap(proxy, () => reconfigure(proxy, open)))['changed'], [`listen unix:${at('p.sock')}`]);
  t.equal(await mode('p.sock'), '660');
  t.equal(await status('p.sock'), 200);
  await swap(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), listen: 'unix:q.sock' }));
  t.equal(await status('q.sock'), 200);
  await t.rejects(stat(at('p.sock')), { code: 'ENOENT' });
});

t.test('C10 the admin listener comes and goes, and counts from then on', async (t) => {
  const { up, url, proxy } = await startPair(t);
  await send(url);
  const from = proxy.log.lines.length;
  const config = { ...oneRoute(up.url), admin: '127.0.0.1:0' };
  t.same((await swap(proxy, () => reconfigure(proxy, config)))['changed'], ['admin 127.0.0.1:0 added']);
  const { address } = await proxy.log.next(({ admin }) => admin === true, from);
  await send(url);
  const text = (await send(`http://${address}/metrics`)).text();
  t.match(text, /^mtls_proxy_requests_total\{route="iot",code="200",cause=""\} 1$/m);
  t.match(text, /^mtls_proxy_upstream_connections\{route="iot",state="idle"\} 1$/m);
  await swap(proxy, () => reconfigure(proxy, oneRoute(up.url)));
  t.equal(await knock(Number(String(address).split(':').at(-1))), 'ECONNREFUSED');
  t.equal((await send(url)).status, 200);
});
