import t from 'tap';
import { type Deeds, Line } from '../../src/workers/line.ts';
import { wires } from '../fixtures/wires.ts';

function pair(deeds: Deeds) {
  const { ends, close } = wires();
  const told: unknown[] = [];
  const here = new Line(ends[0], { hear: (argument: unknown) => void told.push(argument) });
  const there = new Line(ends[1], deeds);
  return { here, there, told, close };
}

t.test('a question is answered, those that cross each by its own', async (t) => {
  const gates: (() => void)[] = [];
  const { here } = pair({
    slow: (name: string) => new Promise((resolve) => gates.push(() => resolve(`slow ${name}`))),
    quick: (name: string) => `quick ${name}`,
    nothing: () => undefined,
  });
  const slow = here.ask('slow', 'a');
  t.equal(await here.ask('quick', 'b'), 'quick b');
  gates[0]?.();
  t.equal(await slow, 'slow a');
  t.equal(await here.ask('nothing'), null);
});

t.test('what fails there, fails here by the same words', async (t) => {
  const { here } = pair({
    fail: () => {
      throw new Error('not today');
    },
  });
  await t.rejects(here.ask('fail'), { message: 'not today' });
  await t.rejects(here.ask('dance'), { message: 'there is no dance' });
  await t.rejects(here.ask('toString'), { message: 'there is no toString' });
});

t.test('what is told has no answer', async (t) => {
  const { there, told, here } = pair({ echo: (value: unknown) => value });
  there.tell('hear', { index: 1 });
  await here.ask('echo', 1);
  t.same(told, [{ index: 1 }]);
});

t.test('who asks one that goes away is told so, and asks no more', async (t) => {
  const { here, close } = pair({ wait: () => new Promise(() => undefined) });
  const asked = here.ask('wait');
  close();
  await t.rejects(asked, { message: 'the other process is gone' });
  await t.rejects(here.ask('wait'), { message: 'the other process is gone' });
  here.tell('hear', 1);
});
