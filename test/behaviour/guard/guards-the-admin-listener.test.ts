import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const paths = ['/healthz', '/readyz', '/metrics', '/nowhere'];

t.test('E1 E2 the admin listener has the guard of the others', async (t) => {
  const { proxy } = await startPair(t, { config: { admin: '127.0.0.2:0' } });
  for (const path of paths) {
    for (const headers of [
      ['Host', 'evil.test'],
      ['Host', 'localhost', 'Origin', 'http://evil.test'],
      ['Host', 'localhost', 'Origin', 'null'],
      ['Host', 'localhost', 'Sec-Fetch-Site', 'cross-site'],
    ]) {
      const reply = await send(`${proxy.admin}${path}`, { headers });
      t.equal(reply.status, 403, `${path} ${headers}`);
      t.match(reply.json(), { cause: 'guard' });
    }
    const twice = await send(`${proxy.admin}${path}`, { headers: ['Host', 'localhost', 'Host', 'localhost'] });
    t.equal(twice.status, 400, path);
  }
  t.equal((await send(`${proxy.admin}/healthz`)).status, 200, 'by its own address, which no other listener has');
});

t.test('it takes GET and HEAD only, and says so', async (t) => {
  const { proxy } = await startPair(t, { config: { admin: '127.0.0.1:0' } });
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    for (const path of paths) {
      const reply = await send(`${proxy.admin}${path}`, { method });
      t.equal(reply.status, 405, `${method} ${path}`);
      t.equal(reply.headers.allow, 'GET, HEAD');
    }
  }
  for (const method of ['GET', 'HEAD']) t.equal((await send(`${proxy.admin}/healthz`, { method })).status, 200);
});

t.test('it opens no tunnel: CONNECT and upgrades are requests like others', async (t) => {
  const { proxy, up } = await startPair(t, { config: { admin: '127.0.0.1:0' } });
  const port = Number(new URL(proxy.admin).port);
  const tunnel = await rawRequest(t, port, 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: localhost\r\n\r\n');
  t.match(await tunnel.head(), /^HTTP\/1\.1 405 .*\r\nAllow: GET, HEAD\r\n/s);
  const upgrade = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const wire = await rawRequest(t, port, upgrade);
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  await wire.until('alive\n');
  t.equal(up.accepted, 0);
});
