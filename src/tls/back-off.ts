import { clock } from '../clock.ts';
import type { ProxyError } from '../errors.ts';

/** So many failures in a row cost nobody anything. */
const patience = 3;

/** The wait after the next one, in milliseconds; each further one doubles it. */
const firstWait = 100;

/** The longest wait, in milliseconds. */
const longestWait = 4_000;

/**
 * Spares an upstream that fails every time: from the fourth failure in a row on, the last one answers for a moment
 * instead of another attempt, and the moment grows to a few seconds.
 */
export class BackOff {
  readonly #now: () => number;
  #failures = 0;
  #last: ProxyError | undefined;
  #until = -Infinity;
  #lastAt = -Infinity;

  /** @param now a clock in milliseconds that never goes back */
  constructor(now: () => number = clock) {
    this.#now = now;
  }

  /** Whether the last attempt failed: now one at a time is enough to find out whether that is over. */
  get active(): boolean {
    return this.#failures > 0;
  }

  /** @throws the last failure, as long as it answers for the upstream */
  throwIfWaiting(): void {
    if (this.#last !== undefined && this.#now() < this.#until) throw this.#last;
  }

  /**
   * Notes a failure. What failed at the same time is one failure, however many callers it met.
   *
   * @param began when the attempt began, by the same clock
   */
  failed(error: ProxyError, began: number): void {
    const known = began <= this.#lastAt;
    this.#last = error;
    if (known) return;
    this.#lastAt = this.#now();
    this.#failures += 1;
    const beyond = this.#failures - patience - 1;
    if (beyond >= 0) this.#until = this.#now() + Math.min(firstWait * 2 ** beyond, longestWait);
  }

  /** The upstream is well again. */
  succeeded(): void {
    this.#failures = 0;
    this.#last = undefined;
    this.#lastAt = -Infinity;
  }
}
