import { once } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { readByStream, readDirectly } from '../src/direct-read.ts';
import { socketPair } from './fixtures/socket-pair.ts';
import type { Scope } from './fixtures/teardown.ts';
import { deferred } from './fixtures/wire.ts';

/** Two ends of a connection; `streamed` is what the near one's stream gives to who listens to it. */
async function pair(t: Scope) {
  const { near, far } = await socketPair(t);
  const streamed: string[] = [];
  near.on('data', (bytes: Buffer) => streamed.push(bytes.toString()));
  near.on('end', () => streamed.push('end'));
  return { near, far, streamed };
}

/** What came, and a wait for so many bytes of it. */
function gather(near: Socket) {
  let text = '';
  let heard = deferred<void>();
  const told = (): void => {
    heard.resolve();
    heard = deferred();
  };
  near.on('end', told);
  return {
    received: (bytes: Buffer): void => {
      text += bytes.toString();
      told();
    },
    until: async (length: number): Promise<string> => {
      while (text.length < length && !near.readableEnded) await heard.promise;
      return text;
    },
  };
}

t.test('what comes goes past the stream, which gets the end', async (t) => {
  const { near, far, streamed } = await pair(t);
  const { received, until } = gather(near);
  readDirectly(near, received);
  far.write('one');
  t.equal(await until(3), 'one');
  far.write('two');
  t.equal(await until(6), 'onetwo');
  t.same(streamed, []);
  far.end('three');
  await once(near, 'end');
  t.equal(await until(11), 'onetwothree');
  t.same(streamed, ['end']);
});

t.test('a paused socket is read by its stream, which holds the peer back; all of it comes in order', async (t) => {
  const { near, far } = await pair(t);
  let first = true;
  const { received, until } = gather(near);
  readDirectly(near, (bytes) => {
    if (first) near.pause();
    first = false;
    received(bytes);
  });
  const sent = Array.from({ length: 400_000 }, (_, at) => String(at).padStart(8, '0')).join('');
  far.write(sent);
  // A piece that comes while older ones wait must not overtake them.
  while (near.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
  t.ok(near.readableLength < sent.length, 'the peer is held back');
  near.resume();
  t.equal(await until(sent.length), sent);
  t.equal(near.readableLength, 0);
});

t.test(
  'what comes between resume and the turn in which the stream gives what it holds stays behind that',
  async (t) => {
    const { near } = await pair(t);
    const pieces: string[] = [];
    readDirectly(near, (bytes) => pieces.push(bytes.toString()));
    near.pause();
    near.push(Buffer.from('a'));
    near.resume();
    near.push(Buffer.from('b'));
    t.same(pieces, []);
    await new Promise((resolve) => setImmediate(resolve));
    t.same(pieces.join(''), 'ab');
    near.push(Buffer.from('c'));
    t.same(pieces.join(''), 'abc');
  },
);

t.test('once it has been ended, the stream has all, and nobody hears of it', async (t) => {
  const { near, far } = await pair(t);
  const { received, until } = gather(near);
  readDirectly(near, received);
  far.write('mine');
  t.equal(await until(4), 'mine');
  readByStream(near);
  far.write('yours');
  const [piece] = await once(near, 'data');
  t.equal(String(piece), 'yours');
  t.equal(await until(4), 'mine');
});
