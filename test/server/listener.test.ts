import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { ListenAddress } from '../../src/config/config.ts';
import { Clients } from '../../src/server/clients.ts';
import { type Listener, listen } from '../../src/server/listener.ts';
import { rawRequest, send } from '../fixtures/client.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { deferred } from '../fixtures/wire.ts';

/** Node's own, or what stands in for them. */
type Serve = (request: IncomingMessage, response: ServerResponse, surplus?: string) => void;

const limits = { header: 2048, body: Infinity, connections: 100, connectionsPerClient: Infinity };
const ok: Serve = (_request, response) => void response.end('ok');

/** Opens one whose requests the test answers. */
const opened = (where: ListenAddress, limit: Parameters<typeof listen>[1], serve: Serve, clients?: Clients) =>
  listen(where, limit, serve as unknown as Parameters<typeof listen>[2], clients);

const addressOf = ({ sockets }: Listener): string => sockets[0]?.address ?? '';

async function start(t: Scope, serve: Serve = ok, where: ListenAddress = { host: '127.0.0.1', port: 0 }) {
  const listener = await listen(where, limits, serve as Parameters<typeof listen>[2]);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= listener.close();
    return closed;
  };
  t.teardown(() => {
    const done = close();
    listener.closeAll();
    return done;
  });
  const address = addressOf(listener);
  return { listener, address, close, port: Number(address.split(':').at(-1)) };
}

const problemOf = (text: string) => JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>;

t.test('addresses', async (t) => {
  const { listener, address, port } = await start(t);
  t.equal(listener.name, '127.0.0.1:0', 'as the configuration has it');
  t.match(address, /^127\.0\.0\.1:[1-9]\d*$/);
  t.equal((await send(`http://${address}/`)).text(), 'ok');
  await t.rejects(opened({ host: '127.0.0.1', port }, limits, ok), { code: 'EADDRINUSE' });
  t.match((await start(t, ok, { host: '::1', port: 0 })).address, /^\[::1\]:\d+$/);
});

t.test('a Unix socket has its mode', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'listener-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const unix = join(directory, 'p.sock');
  for (const mode of [0o600, 0o660]) {
    const { address, close } = await start(t, ok, { unix, mode });
    t.equal(address, `unix:${unix}`);
    t.equal((await stat(unix)).mode & 0o777, mode);
    t.equal((await send('http://localhost/', { socketPath: unix })).text(), 'ok');
    await close();
  }
});

t.test('what the parser refuses is told as a problem', async (t) => {
  const { port } = await start(t);
  const ask = async (bytes: string) => {
    const wire = await rawRequest(t, port, bytes);
    t.equal(await wire.ended, 'end', 'and the connection is closed');
    return wire.text();
  };
  const malformed = await ask('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n');
  t.match(malformed, /^HTTP\/1\.1 400 Bad Request\r\n/);
  t.match(malformed, /\r\nProxy-Status: mtls-proxy; error=http_request_error; details="/);
  t.match(problemOf(malformed), { cause: 'bad-request', status: 400, detail: /not valid HTTP\/1\.1 \(HPE_/ });
  const long = await ask(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(3000)}\r\n\r\n`);
  t.match(long, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  t.match(problemOf(long), { status: 431, detail: /`limits\.header`/ });
});

t.test('a body that is no HTTP does not end up in the response', async (t) => {
  const { port } = await start(t, (request, response) => {
    response.writeHead(200, { 'Content-Length': 1000 });
    response.write('begun');
    request.resume();
    request.on('error', () => undefined);
  });
  const wire = await rawRequest(t, port, 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  await wire.until('begun');
  await wire.write('nonsense\r\n');
  await wire.ended;
  t.notMatch(wire.text(), 'problem+json');
  t.notMatch(wire.text(), '400');
});

t.test('a client that resets or leaves is nobody’s error', async (t) => {
  const asked = deferred<ServerResponse>();
  const { port } = await start(t, ({ url }, response) => (url === '/held' ? asked.resolve(response) : response.end()));
  const wire = await rawRequest(t, port, 'POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
  const response = await asked.promise;
  const closed = once(response, 'close');
  wire.reset();
  await closed;
  const early = await rawRequest(t, port, 'GET / HT');
  early.reset();
  t.equal((await send(`http://127.0.0.1:${port}/`)).status, 200);
});

t.test('close waits for what runs; closeIdle and closeAll end what does not', async (t) => {
  const asked = deferred<ServerResponse>();
  const { listener, close, port } = await start(t, (request, response) => {
    if (request.url === '/held') asked.resolve(response);
    else response.end('ok');
  });
  const idle = await rawRequest(t, port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await idle.until('ok');
  const held = await rawRequest(t, port, 'GET /held HTTP/1.1\r\nHost: x\r\n\r\n');
  const response = await asked.promise;
  let over = false;
  const closed = close().then(() => {
    over = true;
  });
  listener.closeIdle();
  await idle.ended;
  t.notOk(over);
  response.end('late');
  await held.until('late');
  listener.closeAll();
  await closed;
});

t.test('a connection without a request does not keep it open', async (t) => {
  const { listener, close, port } = await start(t);
  const silent = await rawRequest(t, port, '');
  t.equal((await send(`http://127.0.0.1:${port}/`)).status, 200, 'the silent one was accepted before');
  const closed = close();
  listener.closeIdle();
  await silent.ended;
  await closed;
});

t.test('connections over the limit of all listeners are told apart; many more are closed', async (t) => {
  const told: Serve = (_request, response, surplus) => void response.end(surplus ?? 'within');
  const few = { ...limits, connections: 1 };
  const clients = new Clients(few);
  const listeners = await Promise.all([1, 2].map(() => opened({ host: '127.0.0.1', port: 0 }, few, told, clients)));
  t.teardown(async () => {
    for (const listener of listeners) listener.closeAll();
    await Promise.all(listeners.map((listener) => listener.close()));
  });
  const [one = 0, other = 0] = listeners.map((listener) => Number(addressOf(listener).split(':').at(-1)));
  const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  const first = await rawRequest(t, one, get);
  await first.until('within');
  const second = await rawRequest(t, other, get);
  await second.until('connections');
  for (let n = 1; n < 64; n += 1) await (await rawRequest(t, one, get)).until('connections');
  t.equal(clients.size, 65);
  const last = await rawRequest(t, other, '');
  await last.ended;
  t.equal(last.text(), '');
  const gone = [...clients].map((socket) => once(socket, 'close'));
  for (const listener of listeners) listener.closeAll();
  await Promise.all(gone);
  t.equal(clients.size, 0);
  await (await rawRequest(t, one, get)).until('within');
});

t.test(
  'E13 a slow head, and none at all, end after the time for a head; an idle connection after its own',
  async (t) => {
    const patience = { head: 100, idle: 400, look: 20 };
    const listener = await opened({ host: '127.0.0.1', port: 0 }, { ...limits, patience }, ok);
    t.teardown(() => listener.close());
    const port = Number(addressOf(listener).split(':').at(-1));
    const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const bytes of ['', 'G', get.slice(0, -2), `${get}GET / HT`]) {
      const wire = await rawRequest(t, port, bytes);
      t.equal(await wire.ended, 'end', bytes);
      t.match(wire.text().slice(wire.text().lastIndexOf('HTTP/1.1')), /^HTTP\/1\.1 408 Request Timeout\r\n/, bytes);
    }
    const idle = await rawRequest(t, port, get);
    t.equal(await idle.ended, 'end');
    t.match(idle.text(), /^HTTP\/1\.1 200 .*\r\n\r\nok$/s);
  },
);
