import t from 'tap';
import { slotSeconds, Traffic } from '../../src/stats/traffic.ts';

/** A clock that stands until it is moved, in seconds. */
const clock = () => {
  let seconds = 1000;
  return { now: () => seconds * 1000, pass: (more: number) => (seconds += more) };
};

t.test('requests are counted in slots, the last of which is the present one', async (t) => {
  const { now, pass } = clock();
  const traffic = new Traffic(now);
  traffic.count(3, false);
  traffic.count(3, true);
  pass(slotSeconds);
  traffic.count(undefined, false);
  const { requests, failed, p50, p95, overall } = traffic.view();
  t.equal(requests.length, 60);
  t.same(requests.slice(-3), [0, 2, 1]);
  t.same(failed.slice(-3), [0, 1, 0]);
  t.same(p50.slice(-3), [null, 7.5, null], 'milliseconds; a tunnel has none');
  t.same(p95.slice(-3), [null, 9.8, null]);
  t.same(overall, { p50: 7.5, p95: 9.8 });
});

t.test('what is older than five minutes is gone, whether or not anything came since', async (t) => {
  const { now, pass } = clock();
  const traffic = new Traffic(now);
  traffic.count(0, true);
  pass(slotSeconds * (60 - 1));
  t.equal(traffic.view().requests[0], 1, 'the oldest slot');
  pass(slotSeconds);
  const empty = traffic.view();
  t.ok(empty.requests.every((count) => count === 0));
  t.same(empty.overall, { p50: null, p95: null });
  traffic.count(0, false);
  const { requests, failed, p50 } = traffic.view();
  t.equal(requests.at(-1), 1, 'its place is used again');
  t.equal(failed.at(-1), 0);
  t.equal(p50.at(-1), 0.5);
});

t.test('the rate is that of the last minute, or since the beginning', async (t) => {
  const { now, pass } = clock();
  const traffic = new Traffic(now);
  for (let n = 0; n < 20; n += 1) traffic.count(0, false);
  t.equal(traffic.view().perSecond, 20, 'not more than in a second, however short it was');
  pass(10);
  t.equal(traffic.view().perSecond, 2);
  pass(45);
  traffic.count(0, false);
  t.equal(Math.round(traffic.view().perSecond * 55), 21);
  pass(5);
  t.equal(Math.round(traffic.view().perSecond * 55), 1, 'the first slot is more than a minute ago');
});
