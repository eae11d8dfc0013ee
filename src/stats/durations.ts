/** Upper bounds in seconds, from 1 ms to a minute: a handshake takes some milliseconds, a slow API many seconds. */
export const bounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** How many counts there are: one for each bound, and one for what is longer than the last. */
export const buckets: number = bounds.length + 1;

/** The first bucket whose bound is not below a duration in seconds. */
function bucketOf(seconds: number): number {
  let index = 0;
  while (index < bounds.length && seconds > (bounds[index] as number)) index += 1;
  return index;
}

/** Durations by bucket, with their number and their sum. */
export class Durations {
  /** Not cumulative. */
  readonly counts = new Float64Array(buckets);
  count = 0;
  /** In seconds. */
  sum = 0;

  /** Counts one more. @returns its bucket */
  observe(seconds: number): number {
    const bucket = bucketOf(seconds);
    (this.counts[bucket] as number) += 1;
    this.count += 1;
    this.sum += seconds;
    return bucket;
  }
}

/**
 * The duration below which a share of those counted lie, interpolated within its bucket; for what is longer than the last
 * bound, that bound.
 *
 * @param counts one for each bucket
 * @param share between 0 and 1
 * @returns seconds; undefined where nothing was counted
 */
export function quantile(counts: Iterable<number>, share: number): number | undefined {
  const all = [...counts];
  const total = all.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let below = 0;
  const bucket = all.findIndex((count) => {
    below += count;
    return below >= share * total;
  });
  const lower = bounds[bucket - 1] ?? 0;
  const upper = bounds[bucket] ?? lower;
  const count = all[bucket] as number;
  return lower + (upper - lower) * ((share * total - (below - count)) / count);
}
