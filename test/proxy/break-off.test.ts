import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { breakOff } from '../../src/proxy/break-off.ts';
import { Wire } from '../fixtures/wire.ts';

/** Two ends of one connection. */
async function pair(t: Test): Promise<{ near: Socket; far: Wire }> {
  const server = createServer({ allowHalfOpen: true });
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const far = new Wire(
    connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true }),
  );
  t.teardown(() => far.close());
  const [near] = (await accepted) as [Socket];
  t.teardown(() => near.destroy());
  return { near, far };
}

t.test('the peer sees a reset', async (t) => {
  const { near, far } = await pair(t);
  const closed = once(near, 'close');
  breakOff(near);
  await closed;
  t.equal(await far.ended, 'ECONNRESET');
});

t.test('right behind an end the connection is closed all the same', async (t) => {
  const { near } = await pair(t);
  const closed = once(near, 'close');
  near.end();
  breakOff(near);
  await closed;
  t.ok(near.closed);
});

t.test('what a peer that does not read leaves unsent is no hindrance', async (t) => {
  const { near, far } = await pair(t);
  far.socket.pause();
  while (near.write(Buffer.alloc(1024 * 1024)));
  near.end();
  const closed = once(near, 'close');
  breakOff(near);
  await closed;
  t.ok(near.closed);
});
