import t from 'tap';
import type { Connection } from '../../src/upstream/connection.ts';
import { Pace } from '../../src/upstream/pace.ts';

const connection = (): Connection => ({ turn: 0 }) as Connection;

/** @returns those that it gives of 100 in this turn */
function handOut(pace: Pace): Connection[] {
  const out: Connection[] = [];
  while (out.length < 100 && pace.allows) {
    const one = connection();
    pace.left(one);
    out.push(one);
  }
  return out;
}

/** One that hands out in its second turn, behind connections that came back promptly. */
function prompt(): Pace {
  const pace = new Pace();
  pace.begin();
  for (const one of handOut(pace)) pace.returned(one);
  pace.begin();
  return pace;
}

t.test('nothing is known at the beginning, and of new connections', async (t) => {
  const pace = new Pace();
  for (let turn = 0; turn < 3; turn += 1) {
    pace.returned(connection());
    pace.begin();
    t.ok(pace.allows);
  }
  t.equal(handOut(pace).length, 100);
});

t.test('what comes back in the next turn or in the one behind it is prompt, what comes later is not', async (t) => {
  for (const [turns, most] of [
    [0, 32],
    [1, 32],
    [2, 100],
    [9, 100],
  ] as const) {
    const pace = new Pace();
    pace.begin();
    const one = connection();
    pace.left(one);
    for (let passed = 0; passed < turns; passed += 1) pace.begin();
    pace.returned(one);
    pace.begin();
    t.equal(handOut(pace).length, most, `behind ${turns} more turns`);
    pace.begin();
    t.equal(handOut(pace).length, 100, 'for one turn');
  }
});

t.test('those count that may still be prompt', async (t) => {
  const pace = prompt();
  const first = handOut(pace);
  t.equal(first.length, 32);
  for (const one of first.slice(0, 20)) pace.returned(one);
  t.equal(handOut(pace).length, 20, 'in the same turn');
  pace.returned(first[20] as Connection);
  pace.begin();
  t.equal(handOut(pace).length, 1, 'in the next, with those of the one before');
  pace.returned(first[21] as Connection);
  t.equal(handOut(pace).length, 1);
  pace.returned(first[22] as Connection);
  pace.begin();
  t.equal(handOut(pace).length, 30, 'whatever is out for longer');
});
