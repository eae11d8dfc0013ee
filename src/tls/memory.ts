import { clock } from '../clock.ts';

/** What is known of the offer that an upstream takes. Indexes count the ladder's offers, 0 is the top. */
export interface Remembered {
  readonly index: number;
  /** Clock reading (ms) after which it no longer counts; Infinity for the top. */
  readonly until: number;
}

/**
 * The offer that worked last with one upstream, for one route. The top one is known until it fails; a lower one for the
 * route's `remember` at most.
 */
export class OfferMemory {
  readonly #lifetime: number;
  readonly #now: () => number;
  readonly #learned: (index: number) => void;
  #remembered: Remembered | undefined;

  /**
   * @param lifetime milliseconds for which a lower offer counts; 0 = never
   * @param now a clock in milliseconds that never goes back
   * @param learned told whenever another offer is remembered than before
   */
  constructor(lifetime: number, now: () => number = clock, learned: (index: number) => void = () => undefined) {
    this.#lifetime = lifetime;
    this.#now = now;
    this.#learned = learned;
  }

  /** What is remembered and still counts. */
  get current(): Remembered | undefined {
    const kept = this.#remembered;
    return kept !== undefined && kept.until > this.#now() ? kept : undefined;
  }

  /** The index that was remembered last, whether or not it still counts. */
  get last(): number | undefined {
    return this.#remembered?.index;
  }

  /** Notes the offer of a verified handshake. */
  remember(index: number): void {
    const before = this.current?.index;
    this.adopt(index);
    if (before !== index) this.#learned(index);
  }

  /** The same of a handshake that another process has made. */
  adopt(index: number): void {
    this.#remembered = { index, until: index === 0 ? Infinity : this.#now() + this.#lifetime };
  }

  /** Lets `known` count no longer, unless something newer has been learnt since. */
  forget(known: Remembered): void {
    if (this.#remembered === known) this.#remembered = { index: known.index, until: -Infinity };
  }
}
