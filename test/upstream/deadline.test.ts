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

t.test(
  'as long as fewer bytes wait to be sent it is not missed, and a while after they have become fewer it is',
  async (t) => {
    let unsent = 1_000;
    let taken = 0;
    const missed = new Promise<number>((resolve) => {
      const deadline = new Deadline(
        () => resolve(performance.now()),
        () => {
          // As each look sees it, and as slow as may be: one byte at a time.
          if (taken < 12) {
            taken += 1;
            unsent -= 1;
          }
          return unsent;
        },
      );
      deadline.set(80);
    });
    const began = performance.now();
    // Twelve looks, a quarter of the time apart, and the whole time behind the last one.
    t.ok((await missed) - began >= 11 * 20 + 80);
    t.equal(taken, 12);
  },
);

t.test('bytes that wait and do not become fewer are no movement', async (t) => {
  const looks: number[] = [];
  const began = performance.now();
  const at = await new Promise<number>((resolve) => {
    const deadline = new Deadline(
      () => resolve(performance.now()),
      () => looks.push(performance.now()) && 65_536,
    );
    deadline.set(80);
  });
  t.ok(at - began >= 80);
  // The first look sees them for the first time; from then on nothing has moved for as long as is allowed.
  t.ok(looks.length <= 7, `${looks.length} looks`);
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
