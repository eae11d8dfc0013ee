import t from 'tap';
import type { Connection } from '../../src/upstream/connection.ts';
import { Pace } from '../../src/upstream/pace.ts';

const connection = (): Connection => ({ turn: 0 }) as Connection;

t.test('nothing is known at the beginning, and of new connections', async (t) => {
  const pace = new Pace();
  pace.returned(connection());
  t.equal(pace.begin(), Infinity);
  pace.returned(connection());
  t.equal(pace.begin(), Infinity);
});

t.test('what comes back in the next turn or in the one behind it is prompt, what comes later is not', async (t) => {
  for (const [turns, most] of [
    [0, 32],
    [1, 32],
    [2, Infinity],
    [9, Infinity],
  ] as const) {
    const pace = new Pace();
    pace.begin();
    const one = connection();
    pace.left(one);
    for (let passed = 0; passed < turns; passed += 1) t.equal(pace.begin(), Infinity);
    pace.returned(one);
    t.equal(pace.begin(), most, `behind ${turns} more turns`);
    t.equal(pace.begin(), Infinity, 'for one turn');
  }
});

t.test('one that is prompt is enough', async (t) => {
  const pace = new Pace();
  pace.begin();
  const slow = connection();
  pace.left(slow);
  for (let passed = 0; passed < 5; passed += 1) pace.begin();
  const prompt = connection();
  pace.left(prompt);
  pace.returned(slow);
  pace.returned(prompt);
  t.equal(pace.begin(), 32);
});
