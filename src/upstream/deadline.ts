import { clock } from '../clock.ts';

/** A timer looks so many times within what is waited for at most: so much later than it was, a movement that nobody tells is seen. */
const looksInTime = 4;

/**
 * Until when something is awaited that hardly ever fails to come, again and again: setting it costs a comparison, and no timer. The one
 * timer behind it looks now and then, and whether the time is up. Keeps no process alive.
 */
export class Deadline {
  readonly #missed: () => void;
  readonly #unsent: () => number;
  /** As it was at the last look. */
  #seen = 0;
  #patience = 0;
  /** By `clock`, in milliseconds; Infinity while nothing is awaited. */
  #at = Infinity;
  /** When the timer looks; Infinity while there is none. */
  #looks = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param missed called when the time is up; nothing is awaited then
   * @param unsent how many bytes wait to be sent: as long as they become fewer, something moves, though nothing is told before all are gone
   */
  constructor(missed: () => void, unsent: () => number = () => 0) {
    this.#missed = missed;
    this.#unsent = unsent;
  }

  /** From now on something is awaited for so many milliseconds, and not what was awaited before. */
  set(patience: number): void {
    this.#patience = patience;
    const now = clock();
    this.#at = now + patience;
    if (now + patience / looksInTime < this.#looks) this.#lookIn(patience / looksInTime);
  }

  /** What is awaited has moved: its time begins again. */
  renew(): void {
    if (this.#at !== Infinity) this.#at = clock() + this.#patience;
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
    this.#looks = clock() + ms;
    this.#timer = setTimeout(look, ms, this).unref();
  }

  /** For its timer alone. */
  look(): void {
    this.#looks = Infinity;
    if (this.#at === Infinity) return;
    const unsent = this.#unsent();
    if (unsent !== this.#seen) this.renew();
    this.#seen = unsent;
    const left = this.#at - clock();
    if (left > 0) {
      this.#lookIn(Math.min(Math.ceil(left), this.#patience / looksInTime));
      return;
    }
    this.#at = Infinity;
    this.#missed();
  }
}

function look(deadline: Deadline): void {
  deadline.look();
}
