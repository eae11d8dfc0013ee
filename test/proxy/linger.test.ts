import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import t from 'tap';
import { expectTaken, linger } from '../../src/proxy/linger.ts';
import { rawRequest } from '../fixtures/client.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { deferred } from '../fixtures/wire.ts';

async function serve(t: Scope, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer)
    .on('clientError', (_error, socket) => socket.destroy())
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n';

t.test('a request that was answered and is not whole in time loses its connection, however it trickles', async (t) => {
  const port = await serve(t, (request, response) => {
    response.end('early');
    linger(request, 300);
  });
  const wire = await rawRequest(t, port, `${head}a`);
  await wire.until('early');
  const trickle = setInterval(() => wire.socket.write('b'), 100);
  await wire.ended;
  clearInterval(trickle);
  t.ok(wire.socket.bytesWritten < head.length + 9);
});

t.test('one that is whole by then keeps it', async (t) => {
  let count = 0;
  const listeners: number[] = [];
  const port = await serve(t, (request, response) => {
    count += 1;
    listeners.push(request.socket.listenerCount('close'));
    response.end(`answer ${count}`);
    if (count === 1) linger(request, 100);
  });
  const wire = await rawRequest(t, port, `${head}a`);
  await wire.until('answer 1');
  await wire.write('bcdefghi');
  // Its bound is over when one that was set later, and for longer, is.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await wire.write(`${head}abcdefghi`);
  await wire.until('answer 2');
  t.equal(count, 2);
  t.equal(listeners[1], listeners[0], 'and nothing stays with it');
});

const size = 32_000_000;

/** A client of a response that is more than all buffers keep; it reads only when it is resumed. */
async function startReading(
  t: Scope,
  idle: number,
): Promise<{ client: Socket; response: ServerResponse; read(): number }> {
  const answered = deferred<ServerResponse>();
  const port = await serve(t, (_request, response) => {
    response.end(Buffer.alloc(size));
    expectTaken(response, idle, () => response.destroy(new Error('it takes nothing')));
    answered.resolve(response);
  });
  const client = connect(port, '127.0.0.1');
  t.teardown(() => client.destroy());
  let bytes = 0;
  client.on('data', (chunk) => {
    bytes += chunk.length;
  });
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return { client, response: await answered.promise, read: () => bytes };
}

t.test('a client that takes nothing more of a response loses its connection', async (t) => {
  const { client, response, read } = await startReading(t, 200);
  await once(response, 'close');
  client.resume();
  await once(client, 'close');
  t.ok(read() < size);
});

t.test('one that takes it, however slowly, does not', async (t) => {
  const { client, response, read } = await startReading(t, 2_000);
  for (let n = 0; n < 15; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.resume();
    await once(client, 'data');
    client.pause();
  }
  t.ok(read() < size, 'not all of it is taken, and more than the time that nothing may be taken is over');
  const finished = once(response, 'finish');
  client.resume();
  await finished;
  t.equal(response.listenerCount('timeout') + client.listenerCount('timeout'), 0);
});
