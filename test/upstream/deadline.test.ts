import t from 'tap';
import { Deadline } from '../../src/upstream/deadline.ts';

/** A deadline, and when it was missed, by the clock of `performance`. */
function watched() {
  let told: (at: number) => void = () => undefined;
  let count = 0;
  const missed = new Promise<number>((resolve) => (told = resolve));
  const deadline = new Deadline(() => {
    count += 1;
    told(performance.now());
  });
  return { deadline, missed, count: () => count };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// The timers of what is tested keep no process alive.
const alive = setInterval(() => undefined, 1_000);
t.teardown(() => clearInterval(alive));

t.test('what does not come is missed once, and not before its time', async (t) => {
  const { deadline, missed, count } = watched();
  const began = performance.now();
  deadline.set(30);
  t.ok((await missed) - began >= 30);
  await sleep(60);
  t.equal(count(), 1);
});

t.test('what moves has its time anew', async (t) => {
  const { deadline, missed } = watched();
  deadline.set(60);
  await sleep(30);
  const moved = performance.now();
  deadline.renew();
  t.ok((await missed) - moved >= 60);
});

t.test('what is awaited next replaces what was awaited before, be it sooner or later', async (t) => {
  const later = watched();
  let began = performance.now();
  later.deadline.set(10);
  later.deadline.set(80);
  t.ok((await later.missed) - began >= 80);
  const sooner = watched();
  began = performance.now();
  sooner.deadline.set(60_000);
  sooner.deadline.set(20);
  const after = (await sooner.missed) - began;
  t.ok(after >= 20 && after < 30_000, `${after}`);
});

t.test('what has come is never missed, and what moves afterwards is not awaited', async (t) => {
  const { deadline, count } = watched();
  deadline.set(10);
  deadline.clear();
  deadline.renew();
  await sleep(40);
  t.equal(count(), 0);
});

t.test('it can be set again: cleared, missed, or with a timer that still runs for the time before', async (t) => {
  const cleared = watched();
  cleared.deadline.set(20);
  cleared.deadline.clear();
  const began = performance.now();
  cleared.deadline.set(50);
  t.ok((await cleared.missed) - began >= 50);
  t.equal(cleared.count(), 1);
  cleared.deadline.set(5);
  while (cleared.count() < 2) await sleep(1);
});

t.test('ended, it is over', async (t) => {
  const { deadline, count } = watched();
  deadline.set(10);
  deadline.end();
  await sleep(40);
  t.equal(count(), 0);
});
