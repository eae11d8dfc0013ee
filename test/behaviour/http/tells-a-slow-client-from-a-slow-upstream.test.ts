import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair, startRawPair } from '../../fixtures/pair.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { deferred } from '../../fixtures/wire.ts';

const head = 'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n';

t.test('a client that stops sending is 408, its connection ends, and the upstream is freed', async (t) => {
  const { up, proxy, logged } = await startPair(t, {
    route: { timeouts: { idle: '300ms' } },
    handler: (request) => void request.resume(),
  });
  const wire = await rawRequest(t, proxy.port, `${head}begun`);
  const { finished } = await up.requests.first();
  t.match(await wire.head(), /^HTTP\/1\.1 408 Request Timeout\r\n(?:.+\r\n)*Connection: close\r\n/);
  t.match(JSON.parse((await wire.until('}\n')).toString()), {
    cause: 'bad-request',
    detail: /client sent nothing .*`timeouts\.idle`/,
  });
  t.equal(await wire.ended, 'end');
  await finished;
  t.match(await logged(), { status: 408, cause: 'bad-request' });
});

t.test('an upstream that stops reading is 504', async (t) => {
  const over = deferred<void>();
  const { proxy } = await startRawPair(
    t,
    async (connection) => {
      connection.socket.pause();
      await over.promise;
    },
    { route: { timeouts: { idle: '300ms' } } },
  );
  const wire = await rawRequest(t, proxy.port, head);
  wire.socket.write(Buffer.alloc(32 * 1024 * 1024)); // more than all buffers on the way together
  t.match(await wire.head(), /^HTTP\/1\.1 504 /);
  t.match(JSON.parse((await wire.until('}\n')).toString()), { cause: 'timeout', detail: /`timeouts\.idle`/ });
  over.resolve();
});

t.test('a client that stops reading is cut, and is the one to blame', async (t) => {
  const { up, proxy, logged } = await startPair(t, {
    route: { timeouts: { idle: '300ms' } },
    handler: (_request, response) => {
      response.end(Buffer.alloc(64 * 1024 * 1024));
    },
  });
  const wire = await rawRequest(t, proxy.port, '');
  wire.socket.pause();
  wire.socket.write('GET /iot/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const { over } = await up.requests.first();
  await over;
  t.match(await logged(), { cause: 'bad-request', status: 200, aborted: true });
});

/** How many bytes go to a client that reads nothing before the kernel takes no more. */
async function kernelTakes(t: Scope): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as { readonly port: number }).port, '127.0.0.1');
  client.pause();
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  t.teardown(() => {
    socket.destroy();
    client.destroy();
  });
  let taken = 0;
  for (const piece = Buffer.alloc(16_384); socket.writableLength === 0; taken += piece.length) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  return taken;
}

t.test('one that takes all but the last of a response is cut as well, however little that is', async (t) => {
  const most = await kernelTakes(t);
  const steps = 24;
  const sizeOf = (n: number): number => most - 65_536 + n * 16_384;
  for (const framing of ['length', 'chunks']) {
    const { proxy } = await startPair(t, {
      // Long enough for an upstream that has to send all of them at once on a busy machine.
      route: { timeouts: { idle: '3s' } },
      handler: (request, response) => {
        const size = sizeOf(Number(/\d+$/.exec(request.url ?? '')));
        if (framing === 'length') response.setHeader('Content-Length', size);
        response.write('x');
        response.end(Buffer.alloc(size - 1));
      },
    });
    for (let n = 0; n < steps; n += 1) {
      const wire = await rawRequest(t, proxy.port, '');
      wire.socket.pause();
      wire.socket.write(`GET /iot/${n} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    }
    const paths = new Map<string, unknown>();
    for (let from = 0; paths.size < steps; ) {
      const line = await proxy.log.next('request', from);
      from = proxy.log.lines.all().indexOf(line) + 1;
      paths.set(line.path as string, line.cause ?? 'all of it');
      if (line.cause !== undefined) t.match(line, { cause: 'bad-request', status: 200, aborted: true });
    }
    const ends = Array.from({ length: steps }, (_, n) => paths.get(`/iot/${n}`));
    t.same([ends[0], ends.at(-1)], ['all of it', 'bad-request'], `${framing}: ${ends.join()}`);
  }
});
