/**
 * Until when something is awaited that hardly ever fails to come, again and again: setting it costs a comparison, and no timer. The one
 * timer behind it looks when the time would be up, and looks once more if that has moved meanwhile. Keeps no process alive.
 */
export class Deadline {
  readonly #missed: () => void;
  #patience = 0;
  /** By the clock of `performance`, in milliseconds; Infinity while nothing is awaited. */
  #at = Infinity;
  /** When the timer looks; Infinity while there is none. */
  #looks = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** @param missed called when the time is up; nothing is awaited then */
  constructor(missed: () => void) {
    this.#missed = missed;
  }

  /** From now on something is awaited for so many milliseconds, and not what was awaited before. */
  set(patience: number): void {
    this.#patience = patience;
    this.#at = performance.now() + patience;
    if (this.#at < this.#looks) this.#lookIn(patience);
  }

  /** What is awaited has moved: its time begins again. */
  renew(): void {
    if (this.#at !== Infinity) this.#at = performance.now() + this.#patience;
  }

  /** Nothing is awaited any more. */
  clear(): void {
    this.#at = Infinity;
  }

  /** The same, for good. */
  end(): void {
    this.clear();
    clearTimeout(this.#timer);
    this.#looks = Infinity;
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#looks = performance.now() + ms;
    this.#timer = setTimeout(look, ms, this).unref();
  }

  /** For its timer alone. */
  look(): void {
    this.#looks = Infinity;
    if (this.#at === Infinity) return;
    const left = this.#at - performance.now();
    if (left > 0) {
      this.#lookIn(Math.ceil(left));
      return;
    }
    this.#at = Infinity;
    this.#missed();
  }
}

function look(deadline: Deadline): void {
  deadline.look();
}
