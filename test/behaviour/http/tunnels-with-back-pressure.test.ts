import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { join, type Pair, startRawPair, trusting } from '../../fixtures/pair.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const body = Buffer.alloc(48 * 1024 * 1024, 'local-mtls-proxy\n');
const sha256 = createHash('sha256').update(body).digest('hex');
const upgrade = 'GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

/** A tunnel through the command, and its ends. Other requests are answered. */
async function open(t: Parameters<typeof startRawPair>[0]) {
  const pair = await startRawPair(t, async (connection) => {
    const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    if (/upgrade: x/i.test(await connection.head())) return connection.write(switched);
    for (;;) {
      await connection.write('HTTP/1.1 204 No Content\r\n\r\n');
      await connection.head();
    }
  });
  const wire = await rawRequest(t, pair.proxy.port, upgrade);
  await wire.head();
  return { pair, client: wire.socket as Socket, upstream: pair.up.connections.at(0).socket as Socket };
}

/** Sends all to a side that does not read: it must not get rid of it before that side does. */
async function sendHeldBack({ url }: Pair<unknown>, from: Socket, to: Socket): Promise<boolean> {
  to.pause();
  let sent = false;
  from.write(body, () => (sent = true));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; n < 150; n += 1) await send(url, { agent });
  agent.destroy();
  const held = !sent;
  const hash = createHash('sha256');
  let left = body.length;
  to.on('data', (bytes) => {
    left -= bytes.length;
    hash.update(bytes);
    if (left === 0) to.emit('all');
  });
  const all = once(to, 'all');
  to.resume();
  await all;
  return held && hash.digest('hex') === sha256;
}

t.test('D11 D12 a client that does not read holds the upstream back', async (t) => {
  const { pair, client, upstream } = await open(t);
  t.ok(await sendHeldBack(pair, upstream, client));
});

t.test('D11 D12 an upstream that does not read holds the client back', async (t) => {
  const { pair, client, upstream } = await open(t);
  t.ok(await sendHeldBack(pair, client, upstream));
});

t.test('D11 an upgrade right behind a body that the upstream takes slowly is read on', async (t) => {
  const up = await startUpstream(t, {
    ...trusting,
    handler: async (request, response) => {
      for await (const _ of request) await new Promise((resolve) => setTimeout(resolve, 1));
      response.end('taken');
    },
    upgrade: (_request, socket, head) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      socket.write(head);
      socket.pipe(socket);
    },
  });
  const { proxy } = await join(t, up);
  // When the client's parser stops reading, and with how much in its hands, is a matter of sizes and of luck.
  for (let n = 0; n < 16; n += 1) {
    const length = 50_000 + n * 17_000;
    const post = `POST /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`;
    const frames = 'y'.repeat(400_000 - n * 11_000);
    const wire = await rawRequest(t, proxy.port, post + upgrade + frames);
    await wire.until('taken');
    await wire.until('\r\n\r\n');
    t.equal((await wire.until(frames.length)).toString(), frames);
    wire.socket.destroy();
  }
});
