import { Readable } from 'node:stream';
import t from 'tap';
import { open, rawRequest, send } from '../fixtures/client.ts';
import { connectionOf, type FakeSocket, startInside } from '../fixtures/inside.ts';
import type { Problem } from '../fixtures/pair.ts';
import type { Scope } from '../fixtures/teardown.ts';

const fault = (): never => {
  throw new RangeError('injected');
};

const ok = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine');
const switched = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
const upgrade = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

type Inside = Awaited<ReturnType<typeof startInside>>;

/** Hands a connection to the request that waits for one. */
async function serve({ pool }: Inside, prepare: (socket: FakeSocket) => void = () => undefined) {
  const waiter = await pool.waiters.first(undefined, pool.waiters.length === 0 ? 0 : pool.waiters.length - 1);
  const { socket, connection } = connectionOf('TLSv1.2');
  prepare(socket);
  waiter.ready(connection);
  return socket;
}

/** The fault is told once, in the log, and the next request is served. */
async function goesOn(t: Scope & Pick<typeof import('tap').t, 'match' | 'equal'>, inside: Inside): Promise<void> {
  t.match(await inside.log.next('request'), { level: 50, cause: 'internal', err: { message: 'injected' } });
  const before = inside.pool.waiters.length;
  const asked = send(inside.url);
  const waiter = await inside.pool.waiters.first(undefined, before);
  const { socket, connection } = connectionOf('TLSv1.2');
  waiter.ready(connection);
  socket.emit('data', ok);
  t.equal((await asked).text(), 'fine');
}

/** Nothing had been answered by then. */
function isProblem(t: Pick<typeof import('tap').t, 'match'>, reply: { json<T>(): T; readonly status: number }): void {
  t.match(reply.status, 500);
  t.match(reply.json<Problem>(), { cause: 'internal', detail: /see its log/ });
}

t.test('E15 in the body, as it comes from the client', async (t) => {
  const inside = await startInside(t);
  const asked = send(inside.url, { method: 'PUT', body: Readable.from(['hello']) });
  await serve(inside, (socket) => {
    const write = socket.write.bind(socket);
    socket.write = (chunk) => (String(chunk) === 'hello' ? fault() : write(chunk));
  });
  isProblem(t, await asked);
  await goesOn(t, inside);
});

t.test('E15 in the response, as it comes from the upstream', async (t) => {
  const inside = await startInside(t);
  inside.pool.release = fault;
  const asked = open(inside.url);
  const socket = await serve(inside);
  socket.emit('data', ok);
  let text = '';
  for await (const chunk of await asked.response) text += chunk;
  t.equal(text, 'fine', 'what was complete by then is not taken back');
  t.match(await inside.log.next('request'), { level: 50, err: { message: 'injected' } });
});

t.test('E15 in the turn behind a decision about our certificate', async (t) => {
  const inside = await startInside(t);
  const asked = send(inside.url, { method: 'POST', body: 'hello' });
  const { socket, connection } = connectionOf('TLSv1.3');
  socket.write = fault;
  (await inside.pool.waiters.first()).ready(connection);
  socket.emit('session');
  isProblem(t, await asked);
  await goesOn(t, inside);
});

t.test('E15 in a timer', async (t) => {
  const inside = await startInside(t, { response: 1 });
  const asked = t.rejects(send(inside.url), { code: 'ECONNRESET' });
  await serve(inside, (socket) => (socket.destroy = fault));
  await asked;
  await goesOn(t, inside);
});

t.test('E15 when the upstream, or the client, takes more again', async (t) => {
  const inside = await startInside(t);
  const asked = t.rejects(async () => {
    for await (const _ of await open(inside.url).response);
  });
  const socket = await serve(inside, (socket) => (socket.resume = fault));
  socket.emit('data', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n'));
  socket.emit('data', Buffer.alloc(8 * 1024 * 1024));
  await asked;
  await goesOn(t, inside);
});

t.test('E15 when the upstream ends', async (t) => {
  const inside = await startInside(t);
  const asked = t.rejects(send(inside.url), { code: 'ECONNRESET' });
  const socket = await serve(inside, (one) => {
    one.destroy = fault;
  });
  socket.emit('end');
  await asked;
  await goesOn(t, inside);
});

t.test('E15 when a connection is lost and another one is asked for', async (t) => {
  const inside = await startInside(t);
  const asked = send(inside.url);
  const { pool } = inside;
  const waiter = await pool.waiters.first();
  const { socket, connection } = connectionOf('TLSv1.2');
  connection.requests = 1;
  waiter.ready(connection);
  const { acquire } = pool;
  pool.acquire = fault;
  socket.emit('close');
  isProblem(t, await asked);
  pool.acquire = acquire;
  await goesOn(t, inside);
});

t.test('E15 in an upgrade, and in a tunnel from either side', async (t) => {
  for (const where of ['open', 'client', 'upstream'] as const) {
    const inside = await startInside(t);
    const wire = await rawRequest(t, inside.port, upgrade);
    const socket = await serve(inside, (one) => {
      if (where === 'open') Object.defineProperty(one, 'allowHalfOpen', { set: fault });
    });
    socket.emit('data', switched);
    if (where !== 'open') await wire.head();
    if (where === 'client') {
      socket.write = fault;
      await wire.write('hello');
    }
    if (where === 'upstream') {
      socket.pause = fault;
      wire.socket.pause();
      socket.emit('data', Buffer.alloc(8 * 1024 * 1024));
    }
    t.match(await inside.log.next('request'), { level: 50, cause: 'internal', err: { message: 'injected' } });
    wire.socket.resume();
    await wire.ended;
    t.ok(socket.destroyed);
    const asked = send(inside.url);
    await inside.pool.waiters.reach(2);
    const next = await serve(inside);
    next.emit('data', ok);
    t.equal((await asked).text(), 'fine');
  }
});
