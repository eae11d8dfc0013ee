import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const evil = 'GET /iot/evil HTTP/1.1\r\nHost: localhost\r\n\r\n';

t.test(
  'D16 RFC 9931 section 7: what comes behind a refused CONNECT may be somebody else’s, and is not read',
  async (t) => {
    const { up, proxy } = await startPair(t);
    for (const [authority, status] of [
      ['evil.example:80', 403],
      ['localhost', 400],
      ['localhost:', 400],
      ['127.0.0.1:0', 400],
      ['127.0.0.1:65536', 400],
      ['127.0.0.1:99999', 400],
    ] as const) {
      for (const early of [evil, '']) {
        const wire = await rawRequest(
          t,
          proxy.port,
          `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n${early}`,
        );
        await wire.ended;
        t.match(wire.text(), new RegExp(`^HTTP/1\\.1 ${status} (?:(?!HTTP/1\\.1 \\d)[\\s\\S])*$`), authority);
        t.match(wire.text(), /\r\nConnection: close\r\n/);
      }
    }
    t.equal(up.accepted, 0);
  },
);

t.test('D16 RFC 9110 section 9.3.6: a CONNECT has no body; what a length would frame is not read', async (t) => {
  const { up, proxy } = await startPair(t);
  const head = 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n';
  for (const [fields, body] of [
    ['Content-Length: 5', 'hello'],
    [`Content-Length: ${evil.length}`, ''],
    ['Transfer-Encoding: chunked', '0\r\n\r\n'],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, `${head}${fields}\r\n\r\n${body}${evil}`);
    await wire.ended;
    t.match(wire.text(), /^HTTP\/1\.1 400 (?:(?!HTTP\/1\.1 \d)[\s\S])*$/, fields);
  }
  t.equal(up.accepted, 0);
  const wire = await rawRequest(t, proxy.port, `${head}Content-Length: 0\r\n\r\n`);
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
});
