import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../test/fixtures/chance.ts';
import { wrongAnswers } from './answers.ts';
import { readAnswer } from './reading.ts';
import { type Order, order, see, wholeOf } from './requests.ts';
import { dial, hangUp, type Line, patiently, put, type World } from './world.ts';

/** One client's visit: what it does, with the ids it may use. */
export type Visit = (world: World, dice: Chance, id: () => string) => Promise<void>;

/** Requests one after the other on one connection. */
export const talk: Visit = async (world, dice, id) => {
  const line = await dial(world);
  for (let n = dice.pick([1, 1, 2, 3, 5]); n > 0; n -= 1) {
    const one = order(world.ledger, id(), dice, { route: dice.pick(world.routes), kind: 'talk' });
    put(line, one.head);
    for (const piece of one.pieces) put(line, piece);
    if (!(await hear(world, line, one))) break;
    if (dice.one(4)) await pause(dice.pick([1, 10, 200]));
  }
  await hangUp(line, dice);
};

/** Requests that are sent before the answers to those before them are there. */
export const pipeline: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const same = dice.pick(world.routes);
  const orders = Array.from({ length: dice.pick([2, 3, 6]) }, () =>
    order(world.ledger, id(), dice, {
      route: dice.one(3) ? dice.pick(world.routes) : same,
      kind: 'pipeline',
      standing: 'loose',
      ...(dice.one(2) ? { method: 'GET' } : {}),
    }),
  );
  put(line, Buffer.concat(orders.map(wholeOf)));
  for (const one of orders) {
    one.asked.standing = 'due'; // those before it are over, and it is its turn
    if (!(await hear(world, line, one))) break;
  }
  await hangUp(line, dice);
};

/** A request of HTTP/1.0. */
export const old: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const fields = dice.one(2) ? 'Connection: keep-alive\r\n' : '';
  const route = dice.pick(world.routes);
  const one = order(world.ledger, id(), dice, { route, kind: 'old', version: '1.0', fields });
  put(line, wholeOf(one));
  await hear(world, line, one);
  await hangUp(line, dice);
};

/** A request in the absolute form, as with `http_proxy`. */
export const absolute: Visit = async (world, dice, id) => {
  const route = world.routes.find(({ host }) => host !== undefined) ?? dice.pick(world.routes);
  const line = await dial(world);
  const one = order(world.ledger, id(), dice, { route, kind: 'absolute', absolute: true });
  put(line, wholeOf(one));
  await hear(world, line, one);
  await hangUp(line, dice);
};

/** Head and body in pieces with pauses, now and then one that is longer than anybody waits. */
export const dawdle: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const size = dice.pick([2_000, 40_000, 120_000]);
  const method = dice.pick(['POST', 'PUT']);
  const one = order(world.ledger, id(), dice, { route: dice.pick(world.routes), kind: 'dawdle', method, size });
  for (const letters of one.head.match(/.{1,150}/gs) ?? []) {
    put(line, letters);
    await pause(dice.pick([0, 0, 5]));
  }
  const heard = hear(world, line, one);
  const stop = dice.one(6) ? dice.pick([0, 1]) : Infinity;
  // What is never sent is never whole.
  if (stop < Infinity) one.asked.standing = 'loose';
  for (const piece of one.pieces.slice(0, stop)) {
    put(line, piece);
    await pause(dice.pick([0, 5, 40]));
  }
  await heard;
  await hangUp(line, dice);
};

/** Reads its answer slowly, now and then so slowly that nobody waits. */
export const sip: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const one = order(world.ledger, id(), dice, { route: dice.pick(world.routes), kind: 'sip' });
  put(line, wholeOf(one));
  let over = false;
  const heard = hear(world, line, one).finally(() => {
    over = true;
  });
  const { socket } = line.wire;
  for (let n = dice.pick([1, 5, 30]); n > 0 && !over; n -= 1) {
    socket.pause();
    await pause(dice.one(20) ? 3_000 : dice.pick([5, 20, 60]));
    socket.resume();
    await pause(1);
  }
  await heard;
  await hangUp(line, dice);
};

/** Leaves before its time: at some point of its request, or of the answer. */
export const leave: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const wanted = dice.pick(['well', 'silent', 'slowly', dice.pick(wrongAnswers)]);
  const route = dice.pick(world.routes);
  const one = order(world.ledger, id(), dice, { route, kind: 'leave', wanted, standing: 'loose' });
  const whole = wholeOf(one);
  if (dice.one(4)) put(line, whole.subarray(0, dice.pick([0, 3, 20, one.head.length - 1])));
  else if (dice.one(3)) put(line, whole.subarray(0, one.head.length + dice.pick([0, 1, 5_000])));
  else put(line, whole);
  if (dice.one(3)) await Promise.race([line.wire.until(1).catch(() => undefined), pause(1_000)]);
  await pause(dice.pick([0, 0, 2, 10, 60, 400]));
  await hangUp(line, dice);
};

/** Waits for a 100 before it sends its body. */
export const expect: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const one = order(world.ledger, id(), dice, {
    route: dice.pick(world.routes),
    kind: 'expect',
    method: dice.pick(['POST', 'PUT']),
    size: dice.pick([1, 5_000, 100_000]),
    fields: 'Expect: 100-continue\r\n',
    query: `&say=${dice.pick(['100', '417', 'nothing'])}`,
  });
  put(line, one.head);
  const heard = hear(world, line, one);
  if (await Promise.race([heard.then(() => false), told(line)])) for (const piece of one.pieces) put(line, piece);
  await heard;
  await hangUp(line, dice);
};

/** Asks for what no route has. */
export const stray: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const route = { name: 'nowhere', versions: [], range: 'all', replay: 'never' } as const;
  const one = order(world.ledger, id(), dice, { route, kind: 'stray' });
  put(line, wholeOf(one));
  await hear(world, line, one);
  await hangUp(line, dice);
};

/**
 * Reads the answer to a request whose client waits for it.
 *
 * @returns whether another request may follow
 */
export async function hear(world: World, line: Line, { asked }: Pick<Order, 'asked'>): Promise<boolean> {
  if (!line.sure && asked.standing === 'due') asked.standing = 'loose';
  const { id, route, method, kind } = asked;
  try {
    const answer = await patiently(`${kind} has no end`, readAnswer(line.wire, method));
    if (answer === undefined) return false;
    line.sure = true;
    see(world.ledger, asked, answer);
    return !answer.last;
  } catch (error) {
    world.ledger.broken({ rule: 'a request comes to an end, in HTTP', id, route, text: (error as Error).message });
    return false;
  }
}

/** Whether the client is told to send its body; false also if its connection ends before. */
async function told({ wire }: Line): Promise<boolean> {
  while (!wire.text().startsWith('HTTP/1.1 100 ')) {
    if (wire.socket.destroyed || wire.socket.readableEnded) return false;
    await pause(5);
  }
  return true;
}
