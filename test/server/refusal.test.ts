import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { serverOptions } from '../../src/server/http-server.ts';
import { refuse } from '../../src/server/refusal.ts';
import { rawRequest } from '../fixtures/client.ts';
import type { Scope } from '../fixtures/teardown.ts';

/** What a server with the given options, and the listener's otherwise, says to bytes. */
async function start(t: Scope, options: object = {}) {
  const server = createServer({ ...serverOptions({ header: 2048 }), ...options }, (_request, response) =>
    response.end('ok'),
  );
  server.on('clientError', refuse);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return async (bytes: string) => {
    const wire = await rawRequest(t, port, bytes);
    await wire.ended;
    const text = wire.text();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return { head, problem: JSON.parse(body) as Record<string, unknown> };
  };
}

t.test('the target, the fields, and what is no HTTP are told apart', async (t) => {
  const ask = await start(t);
  for (const rest of ['', ' HTTP/1.1\r\nHost: x\r\n\r\n']) {
    const target = await ask(`M-SEARCH /${'x'.repeat(3000)}${rest}`);
    t.match(target.head, /^HTTP\/1\.1 414 URI Too Long\r\n/);
    t.match(target.problem, { cause: 'bad-request', status: 414, detail: /target is longer than `limits\.header`/ });
  }
  const fields = await ask(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(3000)}\r\n\r\n`);
  t.match(fields.problem, { status: 431, detail: /head .*`limits\.header`/ });
  t.match((await ask('GET /\xe9 HTTP/1.1\r\nHost: x\r\n\r\n')).problem, {
    status: 400,
    detail: /percent-encode it: %E9/,
  });
  t.match((await ask('nonsense\r\n\r\n')).problem, { status: 400, detail: /does not begin with a method/ });
  const field = await ask('GET / HTTP/1.1\r\nHost x\r\n\r\n');
  t.match(field.problem, { status: 400, detail: /not valid HTTP\/1\.1 \(HPE_INVALID_HEADER_TOKEN: .*header/ });
  const version = await ask('GET / HTTP/1.2\r\nHost: x\r\n\r\n');
  t.match(version.problem, { status: 400, detail: /not valid HTTP\/1\.1 \(HPE_INVALID_VERSION: / });
});

t.test('an answer by the parser has all the fields that others have', async (t) => {
  const ask = await start(t);
  const { head } = await ask('nonsense\r\n\r\n');
  const names = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')));
  t.same(names.sort(), [
    'Cache-Control',
    'Connection',
    'Content-Length',
    'Content-Security-Policy',
    'Content-Type',
    'Date',
    'Proxy-Status',
  ]);
});

t.test('a head that does not come in time is 408', async (t) => {
  const ask = await start(t, { headersTimeout: 50, connectionsCheckingInterval: 20 });
  const { head, problem } = await ask('GET / HTTP/1.1\r\nHost: ');
  t.match(head, /^HTTP\/1\.1 408 Request Timeout\r\n/);
  t.match(problem, { cause: 'bad-request', detail: /head of the request did not arrive in time/ });
});

t.test('a head has a minute, an upload any time as long as it moves', async (t) => {
  t.match(serverOptions({ header: 2048 }), {
    headersTimeout: 60_000,
    requestTimeout: 0,
    maxHeaderSize: 2048,
    insecureHTTPParser: false,
  });
});
