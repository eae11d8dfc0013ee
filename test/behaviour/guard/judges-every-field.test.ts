import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { join, startPair, trusting } from '../../fixtures/pair.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const own = 'Host: localhost\r\n';

t.test('E1 E2 fields that come twice, and targets that say otherwise, get nobody in', async (t) => {
  const { up, proxy } = await startPair(t, { config: { guard: { origins: ['https://app.example'] } } });
  for (const [status, request] of [
    [400, `GET /iot HTTP/1.1\r\n${own}${own}\r\n`],
    [400, `GET /iot HTTP/1.1\r\n${own}Host: evil.test\r\n\r\n`],
    [400, `GET http://localhost/iot HTTP/1.1\r\n${own}Host: evil.test\r\n\r\n`],
    [400, `CONNECT 127.0.0.1:80 HTTP/1.1\r\n${own}${own}\r\n`],
    [403, 'GET /iot HTTP/1.0\r\nHost: evil.test\r\n\r\n'],
    [403, 'GET /iot HTTP/1.1\r\nHost:\r\n\r\n'],
    [403, `GET http://evil.test/iot HTTP/1.1\r\n${own}\r\n`],
    [400, `GET http://evil.test@localhost/iot HTTP/1.1\r\n${own}\r\n`],
    [403, `GET http://localhost/iot HTTP/1.1\r\nHost: evil.test\r\nOrigin: http://evil.test\r\n\r\n`],
    [
      403,
      `POST /iot HTTP/1.1\r\n${own}Origin: http://localhost\r\nOrigin: http://evil.test\r\nContent-Length: 0\r\n\r\n`,
    ],
    [403, `POST /iot HTTP/1.1\r\n${own}Origin: https://app.example\r\nOrigin: null\r\nContent-Length: 0\r\n\r\n`],
    [403, `GET /iot HTTP/1.1\r\n${own}Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n\r\n`],
    [403, `GET /iot HTTP/1.1\r\n${own}sec-fetch-site: Cross-Site\r\n\r\n`],
    [403, `OPTIONS * HTTP/1.1\r\nHost: evil.test\r\n\r\n`],
    [403, `TRACE /iot HTTP/1.1\r\nHost: evil.test\r\nMax-Forwards: 0\r\n\r\n`],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), new RegExp(`^HTTP/1\\.1 ${status} `), request);
  }
  t.equal(up.accepted, 0);
});

t.test('E2 a WebSocket of a foreign page is 403, of its own page and of a program it is let through', async (t) => {
  const up = await startUpstream(t, {
    ...trusting,
    upgrade: (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    },
  });
  const { proxy } = await join(t, up);
  const ask = async (fields: string): Promise<string> => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    return (await rawRequest(t, proxy.port, `GET /iot HTTP/1.1\r\n${own}${upgrade}${fields}\r\n`)).head();
  };
  for (const origin of ['http://evil.test', 'null', 'ws://localhost', 'https://localhost']) {
    t.match(await ask(`Origin: ${origin}\r\n`), /^HTTP\/1\.1 403 /, origin);
  }
  t.match(await ask('Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: websocket\r\n'), /^HTTP\/1\.1 403 /);
  t.equal(up.accepted, 0);
  t.match(await ask('Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n'), /^HTTP\/1\.1 101 /);
  t.match(await ask(''), /^HTTP\/1\.1 101 /);
});
