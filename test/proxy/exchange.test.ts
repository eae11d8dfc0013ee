import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import { createLog } from '../../src/log.ts';
import { serve } from '../../src/proxy/handler.ts';
import { shellOf } from '../../src/proxy/shell.ts';
import type { LiveRoute } from '../../src/proxy/task.ts';
import { SecureConnection } from '../../src/tls/secure-connection.ts';
import { Connection } from '../../src/upstream/connection.ts';
import type { Waiter } from '../../src/upstream/pool.ts';
import { open, send } from '../fixtures/client.ts';
import { Journal } from '../fixtures/journal.ts';
import type { Problem } from '../fixtures/pair.ts';
import { Log } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';

/** The upstream's side of a connection, each event at the moment that the test chooses. */
class FakeSocket extends EventEmitter {
  readonly chunks = new Journal<string>('chunk');
  destroyed = false;
  #paused = false;

  write(chunk: Buffer | string): boolean {
    this.chunks.push(chunk.toString('latin1'));
    return true;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  isPaused(): boolean {
    return this.#paused;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

/** A pool whose connections the test hands out. */
class FakePool {
  readonly waiters = new Journal<Waiter>('waiter');
  readonly cancelled = new Journal<Waiter>('cancelled waiter');
  readonly released: Connection[] = [];

  acquire(waiter: Waiter): void {
    this.waiters.push(waiter);
  }

  cancel(waiter: Waiter): void {
    this.cancelled.push(waiter);
  }

  release(connection: Connection): void {
    connection.vacate();
    this.released.push(connection);
  }
}

/** The proxy's inside with one route at `/`, between a real client and a pool of the test's. */
async function start(t: Scope) {
  const pool = new FakePool();
  const log = new Log();
  const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });
  const upstream = { name: 'device.test:443', pool } as unknown as LiveRoute['upstream'];
  const settings = routeTo('https://device.test');
  const routes = [{ settings, upstream, forward: shellOf('https://device.test') }];
  const site = { routes, listener: '', guard: { hosts: undefined }, logger };
  const server = createServer((request, response) => serve(request, response, site)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { pool, log, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function connectionOf(protocol: 'TLSv1.2' | 'TLSv1.3'): { socket: FakeSocket; connection: Connection } {
  const socket = new FakeSocket();
  const offer = { name: protocol, min: protocol, max: protocol, groups: undefined, legacy: false } as const;
  const negotiated = { protocol, cipher: 'any', group: 'any', resumed: false };
  const secure = new SecureConnection(socket as unknown as TLSSocket, {} as Socket, offer, negotiated);
  return { socket, connection: new Connection(secure, () => undefined) };
}

const response = (body: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

t.test('E15 an exception of our own ends one request only, and is logged once', async (t) => {
  const { pool, log, url } = await start(t);
  const asked = send(url);
  (await pool.waiters.first()).failed(new RangeError('no such thing'));
  const reply = await asked;
  t.match(reply, { status: 500, headers: { 'proxy-status': /error=proxy_internal_error/ } });
  t.match(reply.json<Problem>(), { cause: 'internal', detail: /see its log/ });
  t.match(await log.next('request'), { level: 50, cause: 'internal', err: { message: 'no such thing' } });

  const next = send(url);
  await pool.waiters.reach(2);
  const { socket, connection } = connectionOf('TLSv1.2');
  pool.waiters.at(1).ready(connection);
  socket.emit('data', response('fine'));
  t.equal((await next).text(), 'fine');
  t.same(pool.released, [connection]);
  await log.next(({ status }) => status === 200);
  t.equal(log.all().length, 2);
});

t.test('a fresh connection that is gone before anything was written costs the request nothing', async (t) => {
  const { pool, log, url } = await start(t);
  const asked = send(url, { method: 'POST', body: 'once' });
  const waiter = await pool.waiters.first();
  const first = connectionOf('TLSv1.3');
  waiter.ready(first.connection);
  // The server accepts us and goes, all in one read: it is safe to write only in the next turn.
  first.socket.emit('session');
  first.socket.destroy();
  t.same(pool.waiters.all(), [waiter, waiter]);
  t.ok(waiter.fresh, 'another one from the pool would not do');
  await new Promise((done) => first.connection.secure.whenDecided(() => done(undefined)));

  const second = connectionOf('TLSv1.2');
  waiter.ready(second.connection);
  await second.socket.chunks.first((chunk) => chunk === 'once');
  second.socket.emit('data', response('fine'));
  t.equal((await asked).text(), 'fine');
  t.equal(first.socket.chunks.length, 0);
  t.match(await log.next('request'), { status: 200, replayed: false, reused: false, protocol: 'TLSv1.2' });
});

t.test('but only once', async (t) => {
  const { pool, url } = await start(t);
  const asked = send(url, { method: 'POST', body: 'once' });
  const waiter = await pool.waiters.first();
  for (let n = 0; n < 2; n += 1) {
    const { socket, connection } = connectionOf('TLSv1.3');
    waiter.ready(connection);
    socket.emit('session');
    socket.destroy();
  }
  t.match((await asked).json<Problem>(), { cause: 'server-fault' });
  t.equal(pool.waiters.length, 2);
});

t.test('a 1xx is no response', async (t) => {
  const { pool, url } = await start(t);
  const asked = send(url);
  const { socket, connection } = connectionOf('TLSv1.2');
  (await pool.waiters.first()).ready(connection);
  socket.emit('data', Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'));
  socket.emit('data', response('fine'));
  t.match(await asked, { status: 200, interim: [{ status: 103 }] });
  t.same(pool.released, [connection]);
});

t.test('a connection goes back flowing, however slow the client reads', async (t) => {
  const { pool, url } = await start(t);
  const { response: head } = open(url);
  const { socket, connection } = connectionOf('TLSv1.2');
  (await pool.waiters.first()).ready(connection);
  let paused = false;
  socket.pause = () => {
    paused = true;
    FakeSocket.prototype.pause.call(socket);
  };
  const body = 'x'.repeat(8 * 1024 * 1024);
  socket.emit('data', response(body));
  t.ok(paused, 'more than the client took');
  t.notOk(socket.isPaused());
  t.same(pool.released, [connection]);
  let read = 0;
  for await (const chunk of await head) read += (chunk as Buffer).length;
  t.equal(read, body.length);
});

t.test('a client that has left is told nothing more', async (t) => {
  const { pool, log, url } = await start(t);
  const controller = new AbortController();
  const left = t.rejects(send(url, { signal: controller.signal }));
  const waiter = await pool.waiters.first();
  controller.abort();
  await left;
  t.equal(await pool.cancelled.first(), waiter);
  waiter.failed(new Error('too late'));
  t.equal(pool.cancelled.length, 1);
  const line = await log.next('request');
  t.match(line, { level: 30, aborted: true, status: 0 });
  t.notOk('cause' in line);
});
