import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('D20 RFC 9112 section 9.3: what HTTP/1.0 has to say to be kept, and what not', async (t) => {
  const { up, proxy } = await startPair(t);
  const evil = 'GET /iot/evil HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const [what, target, fields] of [
    ['close beside keep-alive', '/iot', 'Connection: keep-alive, close'],
    ['close in another field', '/iot', 'Connection: keep-alive\r\nConnection: close'],
    ['what was meant for proxies of old', '/iot', 'Proxy-Connection: keep-alive'],
    ['nothing', '/iot', 'X-A: b'],
    // Here it came through a proxy of old, or the client takes us for a proxy, who must not keep HTTP/1.0.
    ['keep-alive with an absolute form', 'http://localhost/iot', 'Connection: keep-alive'],
  ] as const) {
    const from = up.requests.length;
    const wire = await rawRequest(
      t,
      proxy.port,
      `GET ${target} HTTP/1.0\r\nHost: localhost\r\n${fields}\r\n\r\n${evil}`,
    );
    await wire.ended;
    t.match(wire.text(), /^HTTP\/1\.1 200 (?:(?!HTTP\/1\.1 \d)[\s\S])*$/, what);
    t.match(wire.text(), /\r\nConnection: close\r\n/i, what);
    t.equal(up.requests.length, from + 1);
  }
});
