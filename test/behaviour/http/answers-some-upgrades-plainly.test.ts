import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

for (const [what, method, version, fields, body] of [
  [
    'to h2c',
    'GET',
    '1.1',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    '',
  ],
  ['to h2c with a body', 'POST', '1.1', 'Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5', 'hello'],
  ['to another HTTP', 'GET', '1.1', 'Connection: upgrade\r\nUpgrade: HTTP/2.0, h2', ''],
  ['with a body', 'POST', '1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5', 'hello'],
  [
    'with a chunked body',
    'PUT',
    '1.1',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked',
    '5\r\nhello\r\n0\r\n\r\n',
  ],
  ['in HTTP/1.0', 'GET', '1.0', 'Connection: Upgrade, keep-alive\r\nUpgrade: websocket', ''],
] as const) {
  t.test(`D11 an upgrade ${what} is answered as a plain request`, async (t) => {
    const { up, proxy } = await startPair(t);
    const first = `${method} /iot HTTP/${version}\r\nHost: localhost\r\n${fields}\r\n\r\n${body}`;
    const wire = await rawRequest(t, proxy.port, first);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    await wire.until(/"sha256":"\w+"\}/);
    const record = up.requests.at(0);
    t.same([...record.values('upgrade'), ...record.values('connection'), ...record.values('http2-settings')], []);
    t.match(record, { method, bytes: body === '' ? 0 : 5, complete: true });
    if (body !== '') {
      t.equal(await wire.ended, 'end');
      t.match(wire.text(), /\r\nConnection: close\r\n/i);
      return;
    }
    // The connection is still one of HTTP.
    await wire.write('GET /iot/next HTTP/1.1\r\nHost: localhost\r\n\r\n');
    t.match(await wire.until('"target":"/next"'), /200 OK/);
    t.equal(up.connections.length, 1);
  });
}

t.test('D11 behind another request it waits for its turn', async (t) => {
  let end = (): void => undefined;
  const { up, proxy } = await startPair(t, {
    handler: (request, response, record) => {
      if (record.n === 0) end = () => response.end('first;');
      else response.end('second;');
      request.resume();
    },
  });
  const get = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n';
  const wire = await rawRequest(t, proxy.port, `${get}\r\n${get}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n${get}\r\n`);
  await up.requests.first();
  t.equal(up.requests.length, 1);
  end();
  await wire.until('first;');
  await wire.until('second;');
  await wire.until('second;');
  t.equal(up.connections.length, 1);
});
