import { clock } from '../clock.ts';
import { buckets, quantile } from './durations.ts';

/** Seconds that one slot counts. */
export const slotSeconds = 5;

/** So many slots are kept: five minutes. */
const slotCount = 60;

/** Slots that make up the present rate: one minute. */
const recentSlots = 12;

/** The last minutes of a route, oldest slot first; the last slot is the one that is still counted. */
export interface TrafficView {
  readonly requests: readonly number[];
  readonly failed: readonly number[];
  /** Milliseconds below which half, and 95 of 100, of the slot's requests took; null where there was none. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  /** The same over all slots. */
  readonly overall: { readonly p50: number | null; readonly p95: number | null };
  /** Requests a second over the last minute, or since the beginning where that is less. */
  readonly perSecond: number;
}

/** Counts requests in a ring of slots. Nothing is allocated by counting. */
export class Traffic {
  readonly #now: () => number;
  readonly #began: number;
  /** Which stretch of time a slot counts; what it holds of an older one is void. */
  readonly #stamps = new Float64Array(slotCount).fill(-1);
  readonly #requests = new Uint32Array(slotCount);
  readonly #failed = new Uint32Array(slotCount);
  readonly #durations = new Uint32Array(slotCount * buckets);

  /** @param now a clock in milliseconds that never goes back */
  constructor(now: () => number = clock) {
    this.#now = now;
    this.#began = now();
  }

  /**
   * Counts a request that is over.
   *
   * @param bucket of its duration; undefined for one whose duration says nothing, as a tunnel's
   */
  count(bucket: number | undefined, failed: boolean): void {
    const stamp = this.#stamp();
    const slot = stamp % slotCount;
    if (this.#stamps[slot] !== stamp) {
      this.#stamps[slot] = stamp;
      this.#requests[slot] = 0;
      this.#failed[slot] = 0;
      this.#durations.fill(0, slot * buckets, (slot + 1) * buckets);
    }
    (this.#requests[slot] as number) += 1;
    if (failed) (this.#failed[slot] as number) += 1;
    if (bucket !== undefined) (this.#durations[slot * buckets + bucket] as number) += 1;
  }

  /** What was counted, up to now. */
  view(): TrafficView {
    const last = this.#stamp();
    const stamps = Array.from({ length: slotCount }, (_, index) => last - slotCount + 1 + index);
    const slots = stamps.map((stamp) => (this.#stamps[stamp % slotCount] === stamp ? stamp % slotCount : -1));
    const of = (counts: Uint32Array) => slots.map((slot) => (slot === -1 ? 0 : (counts[slot] as number)));
    const durations = slots.map((slot) => this.#durationsOf(slot));
    const requests = of(this.#requests);
    const all = Array.from({ length: buckets }, (_, bucket) =>
      durations.reduce((sum, counts) => sum + (counts[bucket] ?? 0), 0),
    );
    return {
      requests,
      failed: of(this.#failed),
      p50: durations.map((counts) => ms(counts, 0.5)),
      p95: durations.map((counts) => ms(counts, 0.95)),
      overall: { p50: ms(all, 0.5), p95: ms(all, 0.95) },
      perSecond: this.#rate(requests.slice(-recentSlots), last),
    };
  }

  #durationsOf(slot: number): Uint32Array {
    return slot === -1 ? nothing : this.#durations.subarray(slot * buckets, (slot + 1) * buckets);
  }

  #rate(recent: readonly number[], last: number): number {
    const now = this.#now();
    const since = Math.max(this.#began, (last - recentSlots + 1) * slotSeconds * 1000);
    const seconds = Math.max((now - since) / 1000, 1);
    return recent.reduce((sum, count) => sum + count, 0) / seconds;
  }

  #stamp(): number {
    return Math.floor(this.#now() / (slotSeconds * 1000));
  }
}

const nothing = new Uint32Array(buckets);

function ms(counts: Iterable<number>, share: number): number | null {
  const seconds = quantile(counts, share);
  return seconds === undefined ? null : Math.round(seconds * 10_000) / 10;
}
