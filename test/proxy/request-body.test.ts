import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { type BodyTarget, type BodyUser, framingOf, RequestBody } from '../../src/proxy/request-body.ts';

/** A connection that keeps what is written to it. */
class Target implements BodyTarget {
  written = '';
  full = false;

  write(chunk: Buffer | string): boolean {
    this.written += chunk.toString('latin1');
    return !this.full;
  }

  cork(): void {}
  uncork(): void {}
}

class User implements BodyUser {
  moved = 0;
  sent = 0;

  bodyMoved(bytes: number): void {
    this.moved += bytes;
  }

  bodySent(): void {
    this.sent += 1;
  }

  failed(error: unknown): void {
    throw error;
  }
}

function make(framing: 'length' | 'chunked', rawTrailers: readonly string[] = []) {
  const client = new PassThrough({ highWaterMark: 1024 * 1024 });
  const request = Object.assign(client, { rawTrailers }) as unknown as IncomingMessage;
  const user = new User();
  return { client, user, body: new RequestBody(request, framing, user) };
}

/** Writes as the client and waits until it was read. */
async function say(client: PassThrough, text: string): Promise<void> {
  const read = once(client, 'data');
  client.write(text);
  await read;
}

t.test('a body that has come whole is sent once more', async (t) => {
  for (const [framing, wire] of [
    ['length', 'onetwo'],
    ['chunked', '3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 7\r\n\r\n'],
  ] as const) {
    const { client, user, body } = make(framing, ['X-Sum', '7', 'Host', 'evil']);
    const [first, second] = [new Target(), new Target()];
    body.send(first, true);
    await say(client, 'one');
    await say(client, 'two');
    client.end();
    await once(client, 'end');
    t.equal(first.written, wire);
    t.match(user, { moved: 6, sent: 1 });
    t.ok(body.whole);
    body.pause();
    body.send(second, false);
    t.equal(second.written, wire);
    t.match(user, { moved: 6, sent: 2 }, 'nothing more has moved');
  }
});

t.test('a body that has come in part: what is held first, then what comes', async (t) => {
  const { client, user, body } = make('length');
  const [first, second] = [new Target(), new Target()];
  body.send(first, true);
  await say(client, 'one');
  body.pause();
  client.end('two');
  t.ok(body.whole);
  body.send(second, false);
  t.equal(second.written, 'one');
  await once(client, 'end');
  t.equal(first.written, 'one', 'what comes goes to the second alone');
  t.equal(second.written, 'onetwo');
  t.match(user, { moved: 6, sent: 1 });
});

t.test('what is not held, or is too long to be, is not whole', async (t) => {
  for (const [hold, size] of [
    [false, 1],
    [true, 64 * 1024 + 1],
  ] as const) {
    const { client, body } = make('length');
    body.send(new Target(), hold);
    t.ok(body.whole, 'nothing has come yet');
    await say(client, 'x'.repeat(size));
    t.notOk(body.whole);
  }
});

t.test('a full connection holds the client back', async (t) => {
  const { client, body } = make('length');
  const target = new Target();
  target.full = true;
  body.send(target, false);
  await say(client, 'one');
  t.ok(client.isPaused());
  body.drained();
  t.notOk(client.isPaused());
  body.pause();
  body.drained();
  t.ok(client.isPaused(), 'there is nowhere to send it');
});

t.test('what is dropped is read, and goes nowhere', async (t) => {
  const { client, user, body } = make('chunked');
  const target = new Target();
  body.send(target, true);
  await say(client, 'one');
  body.drop();
  await say(client, 'two');
  client.end();
  await once(client, 'end');
  t.equal(target.written, '3\r\none\r\n');
  t.match(user, { moved: 3, sent: 0 });
  t.notOk(body.whole);

  const unread = make('length');
  unread.body.drop();
  t.equal(unread.client.readableFlowing, null, 'one that was never sent is left to the server');
});

t.test('framing', async (t) => {
  t.equal(framingOf(['Host', 'x', 'Content-Length', '5']), 'length');
  t.equal(framingOf(['content-length', '0']), undefined);
  t.equal(framingOf(['Transfer-Encoding', 'chunked']), 'chunked');
  t.equal(framingOf(['X-Content-Len', '5', 'Transfer-Encodingx', 'chunked']), undefined);
  t.equal(framingOf([]), undefined);
});

t.test('trailers heed the route’s rules', async (t) => {
  const client = new PassThrough();
  const request = Object.assign(client, { rawTrailers: ['X-Sum', '7', 'X-Gone', '8'] }) as unknown as IncomingMessage;
  const body = new RequestBody(request, 'chunked', new User(), { set: [], remove: ['x-gone'] });
  const target = new Target();
  body.send(target, false);
  client.end();
  await once(client, 'end');
  t.equal(target.written, '0\r\nX-Sum: 7\r\n\r\n');
});

/** A source in which so many pieces wait, as one read here has; and a target that tells what goes together. */
function waiting(framing: 'length' | 'chunked', pieces: readonly string[]) {
  const made = make(framing);
  const [first = '', ...rest] = pieces;
  Object.assign(made.client, {
    next: () => {
      const piece = rest.shift();
      return piece === undefined ? undefined : Buffer.from(piece);
    },
  });
  let depth = 0;
  const target = Object.assign(new Target(), {
    cork() {
      depth += 1;
      if (depth === 1) target.written += '<';
    },
    uncork() {
      depth -= 1;
      if (depth === 0) target.written += '>';
    },
  });
  return { ...made, target, say: () => say(made.client, first) };
}

t.test('all that waits goes together, and one piece alone as it is', async (t) => {
  for (const [framing, pieces, wire] of [
    ['length', ['one'], 'one'],
    ['length', ['one', 'two', 'three'], '<onetwothree>'],
    ['chunked', ['one', 'two'], '<3\r\none\r\n3\r\ntwo\r\n>'],
  ] as const) {
    const { client, user, body, target, say } = waiting(framing, pieces);
    target.full = true;
    body.send(target, false);
    await say();
    t.equal(target.written, wire);
    t.equal(user.moved, pieces.join('').length);
    t.ok(client.isPaused(), 'the target takes no more');
  }
});

t.test('what could be sent once more is not made too long for that by what waits', async (t) => {
  const long = 'x'.repeat(64 * 1024 - 1);
  for (const [first, whole] of [
    ['one', true],
    [long, true],
    [`${long}12`, false],
  ] as const) {
    const { user, body, target, say } = waiting('length', [first, 'two', 'three']);
    target.full = true;
    body.send(target, true);
    await say();
    t.equal(body.whole, whole);
    t.equal(target.written, whole ? first : `<${first}twothree>`);
    t.equal(user.moved, whole ? first.length : first.length + 8);
  }
});

t.test('a user that gives up at what waits gets none of it written', async (t) => {
  const { user, body, target, say } = waiting('length', ['one', 'two']);
  user.bodyMoved = () => body.drop();
  body.send(target, false);
  await say();
  t.equal(target.written, '');
});

t.test('a user that gives up at a chunk gets it written nowhere', async (t) => {
  const { client, user, body } = make('length');
  user.bodyMoved = () => body.drop();
  const target = new Target();
  body.send(target, false);
  await say(client, 'one');
  t.equal(target.written, '');
});

t.test('it tells whether the target holds it back', async (t) => {
  const { client, body } = make('length');
  const target = new Target();
  body.send(target, false);
  await say(client, 'one');
  t.notOk(body.heldBack);
  target.full = true;
  await say(client, 'two');
  t.ok(body.heldBack);
  body.drained();
  t.notOk(body.heldBack);
});
