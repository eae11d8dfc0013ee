import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('D3 RFC 9110 section 7.6.1: Connection takes away no field that all recipients have to heed', async (t) => {
  const { up, proxy } = await startPair(t);
  for (const [name, value] of [
    ['If-Match', '"a"'],
    ['If-None-Match', '*'],
    ['If-Modified-Since', 'Tue, 15 Nov 1994 08:12:31 GMT'],
    ['If-Unmodified-Since', 'Tue, 15 Nov 1994 08:12:31 GMT'],
    ['If-Range', '"a"'],
    ['Expect', '100-continue'],
    ['Max-Forwards', '5'],
  ] as const) {
    const request = `GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: ${name.toLowerCase()}\r\n${name}: ${value}\r\n\r\n`;
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    t.same(up.requests.at(-1).values(name), [value], name);
  }
});
