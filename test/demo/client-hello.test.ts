import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import t from 'tap';
import { offeredVersions, tls12 } from '../../src/demo/client-hello.ts';

/** The first bytes that Node's own TLS client sends, up to a complete ClientHello. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = connect({ host: '127.0.0.1', port: address.port, ...options }).on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3)) break;
  }
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

const range = await helloOf({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
const old = await helloOf({ minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT@SECLEVEL=0' });

t.test('supported_versions tells what is offered', async (t) => {
  t.same(offeredVersions(range), [0x0304, 0x0303]);
});

t.test('without supported_versions the legacy version counts', async (t) => {
  t.same(offeredVersions(old), [tls12]);
});

t.test('every proper prefix is incomplete', async (t) => {
  for (let length = 0; length < range.length; length++) {
    t.equal(offeredVersions(range.subarray(0, length)), undefined, `${length} bytes`);
  }
});

t.test('a ClientHello cut into several records is put together', async (t) => {
  const message = range.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += 7) {
    const piece = message.subarray(at, at + 7);
    records.push(Buffer.from([22, 3, 1, 0, piece.length]), piece);
  }
  t.same(offeredVersions(Buffer.concat(records)), [0x0304, 0x0303]);
});

t.test('GREASE values are no versions', async (t) => {
  const greased = Buffer.from(range);
  greased.writeUInt16BE(0x2a2a, greased.indexOf(Buffer.from([0x04, 0x03, 0x04, 0x03, 0x03])) + 1);
  t.same(offeredVersions(greased), [0x0303]);
});

t.test('a ClientHello without extensions offers its legacy version', async (t) => {
  const body = Buffer.concat([Buffer.from([3, 1]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0, 47, 1, 0])]);
  const hello = Buffer.concat([Buffer.from([22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length]), body]);
  t.same(offeredVersions(hello), [0x0301]);
});

t.test('what is no ClientHello offers nothing', async (t) => {
  t.same(offeredVersions(Buffer.from('GET / HTTP/1.1\r\n\r\n')), [], 'plain HTTP');
  t.same(offeredVersions(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])), [], 'a ServerHello');
  t.same(offeredVersions(Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])), [], 'a ClientHello that ends too early');
  t.same(offeredVersions(Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255])), [], 'one that is absurdly long');
});
