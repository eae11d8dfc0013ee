import t from 'tap';
import { bounds, buckets, Durations, quantile } from '../../src/stats/durations.ts';

t.test('a duration goes into the first bucket whose bound is not below it', async (t) => {
  t.equal(new Durations().observe(0), 0);
  t.equal(new Durations().observe(0.001), 0);
  t.equal(new Durations().observe(0.0010001), 1);
  t.equal(new Durations().observe(60), bounds.length - 1);
  t.equal(new Durations().observe(61), buckets - 1);
});

t.test('counts, number and sum', async (t) => {
  const durations = new Durations();
  t.equal(durations.observe(0.02), 4);
  t.equal(durations.observe(100), buckets - 1);
  t.equal(durations.count, 2);
  t.equal(durations.sum, 100.02);
  t.same(
    [...durations.counts].filter((count) => count > 0),
    [1, 1],
  );
});

t.test('quantiles are interpolated within a bucket', async (t) => {
  const counts = (...some: readonly (readonly [number, number])[]) => {
    const all = Array.from({ length: buckets }, () => 0);
    for (const [bucket, count] of some) all[bucket] = count;
    return all;
  };
  t.equal(quantile(counts(), 0.5), undefined);
  t.equal(quantile(counts([3, 10]), 0.5), 0.0075, 'half way from 5 to 10 ms');
  t.equal(quantile(counts([0, 9], [8, 1]), 0.95), 0.25 + 0.25 * 0.5);
  t.equal(quantile(counts([0, 50], [1, 50]), 0.5), 0.001);
  t.equal(quantile(counts([buckets - 1, 5]), 0.5), 60, 'what is longer than the last bound is that');
});
