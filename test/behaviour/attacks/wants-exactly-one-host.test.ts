import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('E1 RFC 9112 section 3.2: a second Host is 400, whatever else the request is', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const [hosts, line] of [
    ['localhost', 'evil.example'],
    ['evil.example', 'localhost'],
    ['localhost', 'localhost'],
    ['', 'localhost'],
  ].flatMap((hosts) => [
    [hosts, 'GET /iot HTTP/1.1'],
    [hosts, 'GET /nowhere HTTP/1.1'],
    [hosts, 'GET http://localhost/iot HTTP/1.1'],
    [hosts, 'TRACE /iot HTTP/1.1\r\nMax-Forwards: 0'],
    [hosts, 'CONNECT 127.0.0.1:80 HTTP/1.1'],
    [hosts, 'GET /iot HTTP/1.0'],
  ]) as [string[], string][]) {
    const fields = hosts.map((host) => `Host: ${host}\r\n`).join('');
    const wire = await rawRequest(t, proxy.port, `${line}\r\n${fields}\r\n`);
    t.match(await wire.head(), /^HTTP\/1\.1 400 /, `${line}, ${hosts}`);
    t.match((await wire.until('}\n')).toString(), '"detail":"the request has more than one Host field; send one"');
  }
  t.equal(up.accepted, 0);
});

t.test('E1 a CONNECT of HTTP/1.1 has one as well', async (t) => {
  const { proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, 'CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 400 /);
  t.match((await wire.until('}\n')).toString(), 'no Host');
  const old = await rawRequest(t, proxy.port, 'CONNECT 127.0.0.1:80 HTTP/1.0\r\n\r\n');
  t.match(await old.head(), /^HTTP\/1\.1 200 /);
});

t.test('E1 where the proxy takes any name, it takes no Host that is none', async (t) => {
  const config = { exposed: true, guard: { token: 'tok' } };
  const { up, url } = await startPair(t, { config, route: { host: 'preserve' } });
  const by = (host: string) => send(url, { headers: ['Host', host, 'Proxy-Authorization', 'Bearer tok'] });
  const none = ['a b', 'user@a', 'a/b', 'a?b', 'a#b', 'a\\b', 'a:b', 'a:80:80', '[a]', '[::1', 'a"b', '\xe9', '<a>'];
  for (const host of none) {
    const reply = await by(host);
    t.equal(reply.status, 400, host);
    t.match(reply.json(), { cause: 'bad-request' });
  }
  t.equal(up.accepted, 0);
  for (const host of ['any.example', 'under_score', 'a.', '192.0.2.1:80', '[2001:db8::1]:80', '']) {
    t.equal((await by(host)).status, 200, host);
    t.same(up.requests.at(-1).values('host'), [host], 'and passes it on');
  }
});
