import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { type Problem, startPair } from '../../fixtures/pair.ts';

t.test('E1 a foreign Host is 403, without a handshake', async (t) => {
  const { up, url, proxy, logged } = await startPair(t);
  for (const host of ['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.2', '', 'local host']) {
    const reply = await send(url, { headers: ['Host', host] });
    t.equal(reply.status, 403, host);
    t.match(reply.json<Problem>(), { cause: 'guard', status: 403 });
    t.match(reply.headers['proxy-status'], /^mtls-proxy; error=http_request_denied; /);
  }
  t.equal(up.accepted, 0);
  t.match(await logged(), { status: 403, cause: 'guard' });
  for (const host of ['localhost', 'LOCALHOST:1', `127.0.0.1:${proxy.port}`, '[::1]:80']) {
    t.equal((await send(url, { headers: ['Host', host] })).status, 200, host);
  }
});

t.test('E2 a foreign or null Origin, and a page of another site, are 403', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const own = `127.0.0.1:${proxy.port}`;
  const foreign = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: `https://${own}` },
    { Origin: 'http://127.0.0.1:1' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ];
  for (const headers of foreign) {
    const reply = await send(url, { method: 'POST', headers: { ...headers, 'Content-Type': 'text/plain' }, body: 'x' });
    t.equal(reply.status, 403, JSON.stringify(headers));
    for (const name of Object.keys(reply.headers)) t.notMatch(name, /^access-control-/);
  }
  t.equal(up.accepted, 0);
  for (const headers of [
    { Origin: `http://${own}` },
    { 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'none' },
  ]) {
    t.equal((await send(url, { headers })).status, 200, JSON.stringify(headers));
  }
});

t.test('E4 a preflight is not answered by the proxy', async (t) => {
  const { up, url } = await startPair(t);
  const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'PUT' };
  const reply = await send(url, { method: 'OPTIONS', headers });
  t.equal(reply.status, 403);
  t.notOk(Object.keys(reply.headers).some((name) => name.startsWith('access-control-')));
  t.equal(up.accepted, 0);
});

t.test(
  'E1 a request of HTTP/1.1 without Host is 400, told as a problem; in HTTP/1.0 there need not be one',
  async (t) => {
    const { up, proxy } = await startPair(t);
    for (const request of ['GET /iot', 'GET http://localhost/iot', 'OPTIONS *']) {
      const wire = await rawRequest(t, proxy.port, `${request} HTTP/1.1\r\n\r\n`);
      t.match(await wire.head(), /^HTTP\/1\.1 400 .*\r\nContent-Type: application\/problem\+json\r\n/s);
      t.match(JSON.parse((await wire.until('}\n')).toString()), { cause: 'bad-request', detail: /no Host/ });
    }
    t.equal(up.accepted, 0);
    const old = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.0\r\n\r\n');
    t.match(await old.head(), /^HTTP\/1\.1 200 /);
  },
);

t.test('E3 a simple form post of a page is 403, whatever its type', async (t) => {
  const { up, url } = await startPair(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site', 'Content-Type': type };
    t.equal((await send(url, { method: 'POST', headers, body: 'x' })).status, 403, type);
  }
  t.equal(up.accepted, 0);
});

t.test('hosts and origins that the guard lists may', async (t) => {
  const { up, url } = await startPair(t, {
    config: { guard: { hosts: ['proxy.test'], origins: ['https://app.example'] } },
  });
  t.equal((await send(url, { headers: { Host: 'Proxy.Test:8080' } })).status, 200);
  const page = { Origin: 'https://app.example', 'Sec-Fetch-Site': 'cross-site' };
  t.equal((await send(url, { headers: page })).status, 200);
  t.same(up.requests.at(1).values('origin'), ['https://app.example'], 'the upstream decides about CORS');
  t.equal((await send(url, { headers: { ...page, Origin: 'https://other.example' } })).status, 403);
});
