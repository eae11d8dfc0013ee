import t from 'tap';
import { open, rawRequest, send } from '../fixtures/client.ts';
import { connectionOf, FakeSocket, startInside } from '../fixtures/inside.ts';
import type { Problem } from '../fixtures/pair.ts';

const response = (body: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

t.test('E15 an exception of our own ends one request only, and is logged once', async (t) => {
  const { pool, log, url } = await startInside(t);
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
  const { pool, log, url } = await startInside(t);
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
  await second.socket.chunks.first((chunk) => chunk.endsWith('once'));
  second.socket.emit('data', response('fine'));
  t.equal((await asked).text(), 'fine');
  t.equal(first.socket.chunks.length, 0);
  t.match(await log.next('request'), { status: 200, replayed: false, reused: false, protocol: 'TLSv1.2' });
});

t.test('but only once', async (t) => {
  const { pool, url } = await startInside(t);
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
  const { pool, url } = await startInside(t);
  const asked = send(url);
  const { socket, connection } = connectionOf('TLSv1.2');
  (await pool.waiters.first()).ready(connection);
  socket.emit('data', Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'));
  socket.emit('data', response('fine'));
  t.match(await asked, { status: 200, interim: [{ status: 103 }] });
  t.same(pool.released, [connection]);
});

t.test('a connection goes back flowing, however slow the client reads', async (t) => {
  const { pool, url } = await startInside(t);
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

t.test('E13 a client that does not take the end of its response is not waited for without end', async (t) => {
  const { pool, log, port } = await startInside(t, { idle: 300 });
  const wire = await rawRequest(t, port, '');
  wire.socket.pause();
  wire.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const { socket, connection } = connectionOf('TLSv1.2');
  (await pool.waiters.first()).ready(connection);
  socket.emit('data', response('x'.repeat(32 * 1024 * 1024)));
  t.same(pool.released, [connection], 'the upstream is done');
  t.match(await log.next('request'), { status: 200, cause: 'bad-request', aborted: true });
});

t.test('a client that has left is told nothing more', async (t) => {
  const { pool, log, url } = await startInside(t);
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
