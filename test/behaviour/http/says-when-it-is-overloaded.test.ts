import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { type Problem, startPair } from '../../fixtures/pair.ts';

t.test('a client over `limits.connections` is told 503, and served once another has gone', async (t) => {
  const { up, url, proxy, logged } = await startPair(t, {
    config: { limits: { connections: 2 }, listen: ['127.0.0.1:0', '127.0.0.1:0'] },
  });
  const get = 'GET /iot/x HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const other = Number(proxy.addresses[1]?.split(':')[1]);
  const first = await rawRequest(t, proxy.port, get);
  await first.head();
  const second = await rawRequest(t, other, get);
  await second.head();
  const third = await rawRequest(t, proxy.port, get);
  t.match(await third.head(), /^HTTP\/1\.1 503 Service Unavailable\r\n/, 'of all listeners together');
  t.match(third.text(), /\r\nConnection: close\r\n/);
  t.match(JSON.parse((await third.until('}\n')).toString()), { cause: 'overloaded', detail: /`limits\.connections`/ });
  t.equal(await third.ended, 'end');
  t.match(await logged(2), { status: 503, cause: 'overloaded' });
  t.equal(up.requests.length, 2);

  const closed = first.closed;
  first.end();
  await closed;
  await third.close();
  t.equal((await send(url)).status, 200);
});

t.test('a request that waits in vain for a connection of its route is 503', async (t) => {
  const { up, url } = await startPair(t, {
    route: { pool: { maxConnections: 1 }, timeouts: { response: '300ms', idle: '1m' } },
    handler: (_request, response) => void response.write('begun'),
  });
  const controller = new AbortController();
  const endless = send(url, { signal: controller.signal });
  await up.requests.first();
  const reply = await send(url);
  t.equal(reply.status, 503);
  t.match(reply.headers['proxy-status'], /error=connection_limit_reached/);
  t.match(reply.json<Problem>(), { cause: 'overloaded', detail: /`pool\.maxConnections`/ });
  t.equal(up.requests.length, 1);
  controller.abort();
  await t.rejects(endless);
});
