import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

for (const [protocol, more] of [
  ['websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'],
  ['h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n'],
  ['TLS/1.0', ''],
]) {
  t.test(`D23/R an Upgrade to ${protocol} is answered as a plain request`, async (t) => {
    const { up, proxy } = await startPair(t);
    const nominated = protocol === 'h2c' ? 'Upgrade, HTTP2-Settings' : 'Upgrade';
    const request = `GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: ${nominated}\r\nUpgrade: ${protocol}\r\n${more}\r\n`;
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    await wire.until(/"sha256":"\w+"\}/);
    const record = up.requests.at(0);
    for (const name of ['upgrade', 'connection', 'http2-settings'])
      t.same(
        record.values(name).filter((value) => value !== 'keep-alive'),
        [],
      );
    // The connection is still one of HTTP.
    await wire.write('GET /iot/next HTTP/1.1\r\nHost: localhost\r\n\r\n');
    t.match(await wire.until('"target":"/next"'), /200 OK/);
  });
}
