import t from 'tap';
import { Retry } from '../../src/tls/retry.ts';
import { deferred } from '../fixtures/wire.ts';

/** A clock that stands. */
const still = () => 1000;

t.test('tries after a wait, and again after ever longer ones, until it is done', async (t) => {
  // Its timers keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  t.teardown(() => clearInterval(alive));
  const ended = deferred<void>();
  const dues: (number | undefined)[] = [];
  let tries = 0;
  const retry: Retry = new Retry(
    async () => {
      dues.push(retry.in);
      tries += 1;
      // What is armed meanwhile does not count: the try under way arms the next one.
      retry.arm(3_600_000);
      if (tries === 4) ended.resolve();
      return tries === 4;
    },
    2,
    still,
  );
  t.equal(retry.in, undefined);
  retry.arm(1);
  t.equal(retry.in, 1);
  await ended.promise;
  await new Promise(setImmediate);
  t.same(dues, [0, 0, 0, 0], 'a try is under way');
  t.equal(retry.in, undefined, 'none is to come');
});

t.test('what is armed last counts, and can be disarmed', async (t) => {
  let tries = 0;
  const attempt = async () => {
    tries += 1;
    return true;
  };
  const retry = new Retry(attempt, 1, still);
  retry.arm(1);
  retry.arm(3_600_000);
  t.equal(retry.in, 3_600_000);
  retry.disarm();
  t.equal(retry.in, undefined);
  // A timer of the same length that is started later ends later.
  retry.arm(1);
  retry.disarm();
  await new Promise((resolve) => setTimeout(resolve, 2));
  t.equal(tries, 0);
});

t.test('what is overdue is due now', async (t) => {
  let now = 0;
  const retry = new Retry(
    async () => true,
    1,
    () => now,
  );
  retry.arm(50);
  now = 80;
  t.equal(retry.in, 0);
  retry.disarm();
});
