import type { Socket } from 'node:net';
import t from 'tap';
import { PlainBody } from '../../src/server/plain-body.ts';

/** A body of so many bytes, and what its client is told. */
function body(length: number, first?: Buffer) {
  const client: string[] = [];
  const socket = { pause: () => client.push('pause'), resume: () => client.push('resume') };
  const made = new PlainBody(socket as unknown as Socket, length, first);
  const told: string[] = [];
  made.on('data', (chunk) => told.push(chunk.toString()));
  made.on('end', () => told.push('end'));
  return { body: made, client, told };
}

/** How many pieces of a length come until the client is held back. */
function untilHeldBack(made: PlainBody, length: number): number {
  let count = 0;
  for (; !made.holdsBack && count < 200_000; count += 1) made.came(Buffer.alloc(length));
  return count;
}

t.test('the client is held back by what nobody takes, and read on as soon as some is taken', async (t) => {
  const { body: made, client } = body(1 << 30);
  t.equal(untilHeldBack(made, 65_536), 3);
  t.same(client, ['pause']);
  t.equal(made.came(Buffer.alloc(65_536)), undefined);
  t.same(client, ['pause']);
  made.on('data', () => made.pause());
  for (const expected of [['pause'], ['pause', 'resume']]) {
    made.resume();
    t.same(client, expected);
  }
  t.notOk(made.holdsBack);
});

t.test('the tiniest pieces hold it back, too, before they take much memory', async (t) => {
  const { body: made } = body(1 << 30);
  t.equal(untilHeldBack(made, 1), 766);
});

t.test('its reader may take all that waits at once', async (t) => {
  const { body: made, client, told } = body(10, Buffer.from('a'));
  made.pause();
  for (const text of ['b', 'cd', 'e']) made.came(Buffer.from(text));
  made.on('data', (chunk) => {
    told.push(`${chunk}`);
    for (let more = made.next(); more !== undefined; more = made.next()) told.push(`and ${more}`);
    made.pause();
  });
  made.resume();
  t.same(told, ['a', 'and b', 'and cd', 'and e']);
  t.equal(untilHeldBack(made, 0), 768, 'what was taken counts no longer');
  made.resume();
  t.same(client, ['pause', 'resume']);
  told.length = 0;
  made.came(Buffer.from('fghij'));
  t.same(told, [], 'it is paused');
  made.resume();
  t.same(told, ['fghij']);
  made.resume();
  t.same(told, ['fghij', 'end']);
});

t.test('what is dropped is not kept, and no more is told', async (t) => {
  const { body: made, client, told } = body(1 << 30, Buffer.from('a'));
  untilHeldBack(made, 65_536);
  made.drop();
  t.same(client, ['pause', 'resume']);
  for (let n = 0; n < 10_000; n += 1) made.came(Buffer.alloc(1));
  t.notOk(made.holdsBack);
  t.same(told, []);
});

t.test('what is behind its end is given back', async (t) => {
  const { body: made, told } = body(4, Buffer.from('a'));
  made.resume();
  t.equal(made.came(Buffer.from('bc')), undefined);
  t.notOk(made.complete);
  t.equal(made.came(Buffer.from('dGET'))?.toString(), 'GET');
  t.ok(made.complete);
  t.same(told, ['a', 'bc', 'd', 'end']);
});

t.test('who waits for its end is told once, of the end of its connection at the latest', async (t) => {
  for (const whole of [true, false]) {
    const { body: made } = body(1);
    const told: string[] = [];
    made.whenOver(() => told.push('first'));
    if (whole) made.came(Buffer.from('a'));
    made.over();
    made.whenOver(() => told.push('second'));
    made.over();
    t.same(told, ['first']);
  }
});
