import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair, startRawPair } from '../../fixtures/pair.ts';
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
