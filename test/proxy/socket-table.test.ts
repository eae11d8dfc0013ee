import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import t from 'tap';
import { type Ends, readSocketTable } from '../../src/proxy/socket-table.ts';
import type { Scope } from '../fixtures/teardown.ts';

/** The two ends of a connection; the near one reads nothing. */
async function pair(t: Scope, listen: string, host: string): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, listen);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const far = connect({ host, port: (server.address() as { port: number }).port });
  t.teardown(() => far.destroy());
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [[Socket], unknown];
  t.teardown(() => near.destroy());
  return { near, far };
}

for (const [listen, host] of [
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', '::ffff:127.0.0.1'],
  ['::', '127.0.0.1'],
  ['::', '::ffff:127.0.0.1'],
  ['::1', '::1'],
] as const) {
  t.test(`the peer of a connection from ${host} to ${listen}`, async (t) => {
    const { near, far } = await pair(t, listen, host);
    const row = (await readSocketTable()).peerOf(near);
    t.match(row, { state: 1, uid: userInfo().uid });
    t.ok((row?.inode ?? 0) > 0);
    far.write(Buffer.alloc(16 * 1024 * 1024));
    far.destroy();
    await once(far, 'close');
    t.match((await readSocketTable()).peerOf(near), { state: 4, inode: 0 }, 'closed, and not all of it is taken');
  });
}

t.test('a peer that is elsewhere', async (t) => {
  const table = await readSocketTable();
  const ends = { localAddress: '192.0.2.1', localPort: 80, remoteAddress: '192.0.2.2', remotePort: 1234 };
  t.equal(table.peerOf(ends), undefined);
  t.equal(table.peerOf({ ...ends, localAddress: 'fe80::1%lo', remoteAddress: '2001:db8::1:0' }), undefined);
  t.equal(table.peerOf({} as Ends), undefined, 'and one that is gone');
});
