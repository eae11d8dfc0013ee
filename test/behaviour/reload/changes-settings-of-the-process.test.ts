import { Agent } from 'node:http';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, reloading, swap } from '../../fixtures/reload.ts';

t.test('guard, limits, drain and the level of the log are those of the new configuration', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const headers = { 'X-Long': 'x'.repeat(3000) };
  t.equal((await send(url, { headers })).status, 200);
  const config = {
    ...oneRoute(up.url),
    guard: { token: 'secret-token' },
    limits: { header: '2KiB', body: '10B' },
    drain: '1s',
    log: { level: 'debug' },
  };
  const line = await swap(proxy, () => reconfigure(proxy, config));
  t.same(line['changed'], ['route iot', 'guard', 'log', 'limits', 'drain']);
  t.match(line['problems'], [/:\d+:\d+: warning: a secret in plain text/], 'what a start would have warned of');
  t.notMatch(JSON.stringify(line), 'secret-token');
  t.equal((await send(url)).status, 407);
  t.equal((await send(url, { headers })).status, 431, 'for new connections');
  const token = { 'Proxy-Authorization': 'Bearer secret-token' };
  t.equal((await send(url, { headers: token, method: 'POST', body: 'x'.repeat(11) })).status, 413);
  t.equal((await send(url, { headers: token })).status, 200);
});

t.test('a client that asks for the same again, on the same connection, meets the new configuration', async (t) => {
  const { up, proxy } = await startPair(t, { handler: (_request, response) => response.end('x') });
  const get = 'GET /iot/x HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, get);
  const { routes } = oneRoute(up.url) as { readonly routes: readonly object[] };
  const [route] = routes;
  const steps = [
    [{ routes: [{ ...route, headers: { request: { set: { 'X-Step': '1' } } } }] }, 200],
    [{ routes: [{ ...route, match: { path: '/other' } }] }, 404],
    [{ routes, guard: { token: 'secret-token' } }, 407],
    [{ routes: [{ ...route, headers: { request: { set: { 'X-Step': '2' } } } }] }, 200],
  ] as const;
  const answered = async (): Promise<number> => {
    const head = await wire.head();
    await wire.until(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    return Number(head.slice(9, 12));
  };
  t.equal(await answered(), 200);
  for (const [config, status] of steps) {
    await swap(proxy, () => reconfigure(proxy, { listen: '127.0.0.1:0', ...config }));
    for (let n = 0; n < 2; n += 1) {
      await wire.write(get);
      t.equal(await answered(), status);
    }
  }
  const told = up.requests.all().map(({ rawHeaders }) => rawHeaders[rawHeaders.indexOf('X-Step') + 1]);
  t.same(told.slice(1), ['1', '1', '2', '2']);
});

t.test('the number of clients: who is there stays, who comes is told', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  t.equal((await send(url, { agent })).status, 200);
  await swap(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), limits: { connections: 1 } }));
  t.equal((await send(url)).status, 503);
  t.equal((await send(url, { agent })).status, 200);
});

t.test('what needs a restart is said, each time', async (t) => {
  const { up, proxy } = await startPair(t);
  const config = { ...oneRoute(up.url), log: { format: 'pretty' } };
  const expected = [/:\d+:\d+: warning: `log\.format` is as it was at the start; restart to change it/];
  const line = await swap(proxy, () => reconfigure(proxy, config));
  t.match(line, { level: 30, changed: ['log'], problems: expected });
  t.match(await reloading(proxy, () => proxy.signal('SIGHUP')), { changed: [], problems: expected });
});
