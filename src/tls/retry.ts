/**
 * Tries something again in the background, at intervals that double, until it says that it is done. One try at a time; what
 * is armed last counts.
 */
export class Retry {
  readonly #attempt: () => Promise<boolean>;
  readonly #longest: number;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #due: number | undefined;
  #running = false;

  /**
   * @param attempt true once it need not be tried any more; must not reject
   * @param longest milliseconds that an interval has at most
   * @param now a clock in milliseconds that never goes back
   */
  constructor(attempt: () => Promise<boolean>, longest: number, now: () => number) {
    this.#attempt = attempt;
    this.#longest = longest;
    this.#now = now;
  }

  /** Milliseconds until the next try: 0 while one is under way, undefined if none is to come. */
  get in(): number | undefined {
    if (this.#running) return 0;
    return this.#due === undefined ? undefined : Math.max(0, this.#due - this.#now());
  }

  /** Tries in `wait` milliseconds. A try that is under way arms the next one itself. */
  arm(wait: number): void {
    if (this.#running) return;
    clearTimeout(this.#timer);
    this.#due = this.#now() + wait;
    this.#timer = setTimeout(async () => {
      this.#due = undefined;
      this.#running = true;
      const done = await this.#attempt();
      this.#running = false;
      if (!done) this.arm(Math.min(wait * 2, this.#longest));
    }, wait);
    this.#timer.unref();
  }

  /** Forgets what is armed. */
  disarm(): void {
    clearTimeout(this.#timer);
    this.#due = undefined;
  }
}
