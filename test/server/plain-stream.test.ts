import { once } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { PlainStream } from '../../src/server/plain-stream.ts';
import { socketPair } from '../fixtures/socket-pair.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { deferred } from '../fixtures/wire.ts';

const head = 'HTTP/1.1 200 OK\r\n\r\n';
const record = 16 * 1024;
const most = 128 * 1024;
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Two ends of a connection; `writes` are the bytes of each write that the near one hands to the kernel. */
async function pair(t: Scope) {
  const { near, far } = await socketPair(t);
  const writes: number[] = [];
  const { _write: write, _writev: writev } = near;
  near._write = (chunk, encoding, callback) => {
    writes.push(chunk.length);
    write.call(near, chunk, encoding, callback);
  };
  near._writev = (chunks, callback) => {
    writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    writev?.call(near, chunks, callback);
  };
  return { near, far, writes };
}

async function read(far: Socket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let came = 0;
  far.on('data', (piece: Buffer) => {
    pieces.push(piece);
    came += piece.length;
  });
  while (came < length && !far.readableEnded) await Promise.race([once(far, 'data'), once(far, 'end')]);
  return Buffer.concat(pieces);
}

t.test('what comes within one turn leaves by one write, in order', async (t) => {
  const { near, far, writes } = await pair(t);
  let sent = 0;
  const finished = deferred<void>();
  const stream = new PlainStream(near, head, false, () => {
    sent += 1;
    finished.resolve();
  });
  t.ok(stream.headersSent);
  t.ok(stream.write(Buffer.from('a')));
  t.ok(stream.write(Buffer.from('b')));
  t.same(writes, []);
  await turn();
  t.same(writes, [head.length + 2]);
  t.ok(stream.write(Buffer.from('c')));
  t.notOk(stream.writableEnded);
  stream.end('\xff', 'latin1');
  t.same(writes, [head.length + 2, 2], 'the end does not wait for the turn');
  t.ok(stream.writableEnded);
  await finished.promise;
  t.ok(stream.writableFinished);
  t.equal(sent, 1);
  t.equal((await read(far, head.length + 4)).toString('latin1'), `${head}abc\xff`);
  t.notOk(stream.destroyed, 'the connection stays');
});

t.test('a head without a body behind it leaves with its turn', async (t) => {
  const { near, far } = await pair(t);
  new PlainStream(near, head, false, () => undefined);
  t.equal((await read(far, head.length)).toString(), head);
});

t.test('in chunks: short ones join the text around them, long ones go as they are', async (t) => {
  const { near, far, writes } = await pair(t);
  const stream = new PlainStream(near, head, true, () => undefined);
  const long = Buffer.alloc(2000, 'x');
  const written = new Promise((done) => stream.write(long, done));
  stream.write(Buffer.from('a\xff', 'latin1'));
  stream.write(Buffer.alloc(0));
  stream.addTrailers([['X-T', '1']]);
  stream.end('\xe9', 'utf8');
  t.equal(writes.length, 1);
  t.equal(await written, null);
  const text = `${head}7d0\r\n${long}\r\n2\r\na\xff\r\n2\r\n\xc3\xa9\r\n0\r\nX-T: 1\r\n\r\n`;
  t.equal((await read(far, text.length)).toString('latin1'), text);
});

t.test('no more than so much is gathered', async (t) => {
  const { near, far, writes } = await pair(t);
  far.resume();
  const stream = new PlainStream(near, '', false, () => undefined);
  for (let i = 0; i < 12; i += 1) t.ok(stream.write(Buffer.alloc(record)), 'what the kernel has taken holds nobody up');
  t.same(writes, [most]);
  await turn();
  t.same(writes, [most, 4 * record]);
});

t.test(
  'a client that takes nothing: what was gathered is the most that waits, and it is told when there is none',
  async (t) => {
    const { near, far } = await pair(t);
    const finished = deferred<void>();
    const stream = new PlainStream(near, '', false, finished.resolve);
    let written = 0;
    for (let i = 0; ; i += 1) {
      const goesOn = stream.write(Buffer.alloc(record));
      written += record;
      if (!goesOn) break;
      if (i % 20 === 0) await turn();
    }
    t.ok(near.writableLength < most + near.writableHighWaterMark + 2 * record, `${near.writableLength} bytes`);
    t.ok(near.writableLength > 0);
    const drained = new Promise<void>((done) => stream.once('drain', done));
    const bytes = read(far, written);
    await drained;
    t.equal(near.writableLength, 0);
    stream.end();
    await finished.promise;
    t.equal((await bytes).length, written);
  },
);

t.test('one that is destroyed shows how far it came', async (t) => {
  const { near, far } = await pair(t);
  const stream = new PlainStream(near, head, false, () => t.fail('it is not whole'));
  stream.write(Buffer.from('part'));
  const closed = once(near, 'close');
  stream.destroy();
  t.ok(stream.destroyed);
  t.equal((await read(far, Infinity)).toString(), `${head}part`);
  await closed;
  t.notOk(stream.writableFinished);
});

t.test('a client that has left: each write is told, and the end is none', async (t) => {
  const { near, far } = await pair(t);
  const stream = new PlainStream(near, head, false, () => t.fail('nobody has it'));
  const closed = new Promise<void>((done) => near.once('close', () => done()));
  far.resetAndDestroy();
  near.resume();
  await closed;
  const error = await new Promise((done) => stream.write(Buffer.from('x'), done));
  t.match(error, { code: 'ERR_STREAM_DESTROYED' });
  stream.end();
  await turn();
  t.ok(stream.writableEnded);
  t.notOk(stream.writableFinished);
});
