import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { answering, startRawPair } from '../../fixtures/pair.ts';

const token = 'marked-token';
const mine = `Proxy-Authorization: Bearer ${token}\r\n`;
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

t.test('E9 B14 the token is in nothing that the upstream, a client or the log gets', async (t) => {
  const { up, proxy } = await startRawPair(t, answering(ok), {
    config: { guard: { token: { env: 'TOKEN' } }, log: { level: 'trace' }, admin: '127.0.0.1:0' },
    route: { match: { path: '/iot' } },
    env: { TOKEN: token },
  });
  const host = 'Host: localhost\r\n';
  const answers: string[] = [];
  for (const [status, request] of [
    [200, `GET /iot HTTP/1.1\r\n${host}${mine}\r\n`],
    [200, `GET /iot HTTP/1.0\r\n${mine}\r\n`],
    [200, `GET /iot HTTP/1.1\r\n${host}Connection: Proxy-Authorization\r\n${mine}\r\n`],
    [200, `GET http://localhost/iot HTTP/1.1\r\n${host}${mine}\r\n`],
    [200, `TRACE /iot HTTP/1.1\r\n${host}${mine}\r\n`],
    [200, `TRACE /iot HTTP/1.1\r\n${host}Max-Forwards: 0\r\n${mine}\r\n`],
    [200, `OPTIONS /iot HTTP/1.1\r\n${host}Max-Forwards: 0\r\n${mine}\r\n`],
    [200, `GET /iot HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n${mine}\r\n`],
    [
      200,
      `POST /iot HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTrailer: Proxy-Authorization\r\n${mine}\r\n0\r\n${mine}\r\n`,
    ],
    [404, `GET /nowhere HTTP/1.1\r\n${host}${mine}\r\n`],
    [403, `GET /iot HTTP/1.1\r\nHost: evil.test\r\n${mine}\r\n`],
    [403, `CONNECT evil.test:80 HTTP/1.1\r\n${host}${mine}\r\n`],
    [407, `GET /iot HTTP/1.1\r\n${host}${mine}${mine}\r\n`],
    [407, `GET /iot HTTP/1.1\r\n${host}Proxy-Authorization: Basic ${token}\r\n\r\n`],
    [400, `GET /iot HTTP/1.1\r\n${host}${mine}${mine.replace(':', ' :')}\r\n`],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), new RegExp(`^HTTP/1\\.1 ${status} `), request);
    wire.end();
    await wire.ended;
    answers.push(wire.text());
  }
  const { stdout, stderr } = await proxy.stop();
  const received = up.connections.all().map((connection) => connection.text());
  t.ok(received.join('').includes('/ HTTP/1.1\r\n'), 'the upstream got requests');
  for (const text of [...answers, ...received, stdout, stderr]) t.notMatch(text, token);
});

t.test('E9 inside of a CONNECT a client may send it again, and the upstream does not get it', async (t) => {
  const { up, proxy } = await startRawPair(t, answering(ok), {
    config: { guard: { token } },
    route: { match: { host: 'device.test' } },
  });
  const wire = await rawRequest(
    t,
    proxy.port,
    `CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n${mine}\r\n`,
  );
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  await wire.write(`GET / HTTP/1.1\r\nHost: device.test\r\n${mine}\r\n`);
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  t.match(up.connections.at(0).text(), /^GET \/ HTTP\/1\.1\r\n/);
  t.notMatch(up.connections.at(0).text(), /Proxy-Authorization/i);
});

t.test('E9 407 asks as a proxy does, for every kind of request', async (t) => {
  const { up, proxy } = await startRawPair(t, answering(ok), {
    config: { guard: { token } },
    route: { match: { host: 'device.test' } },
  });
  for (const request of [
    'GET / HTTP/1.1\r\nHost: device.test\r\n\r\n',
    'GET http://device.test/ HTTP/1.1\r\nHost: device.test\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: device.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n',
    // It is for the proxy, so it is not in Authorization.
    `GET / HTTP/1.1\r\nHost: device.test\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  ]) {
    const wire = await rawRequest(t, proxy.port, request);
    const head = await wire.head();
    t.match(head, /^HTTP\/1\.1 407 .*\r\nProxy-Authenticate: Bearer realm="mtls-proxy"\r\n/s, request);
    t.notMatch(head, /^WWW-Authenticate/im);
    t.match(JSON.parse((await wire.until('}\n')).toString()), { detail: /`guard\.token`/ });
  }
  t.equal(up.connections.length, 0);
});
