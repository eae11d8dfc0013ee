import type { Attempt } from '../errors.ts';
import type { LadderObserver, LadderState, Lowered } from './ladder-view.ts';
import { OfferMemory, type Remembered } from './memory.ts';
import type { LadderSettings } from './offer-attempts.ts';
import type { Offer } from './offers.ts';
import { Retry } from './retry.ts';
import type { SecureConnection } from './secure-connection.ts';

/** What a standing works with. */
export interface StandingMeans {
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  /** Tries the offers above the one that works; true once there is none left above. */
  readonly retryHigher: () => Promise<boolean>;
  /** Milliseconds before that is done after a fallback; default 2,000. */
  readonly retryAfter?: number;
  /** Told the index of the offer that works, whenever it is another one than before. */
  readonly learned?: (index: number) => void;
}

/** The first wait, in milliseconds, before the top is tried again after a fallback; each further one is twice as long. */
const firstRetry = 2_000;

/** Which offer of a ladder is known to work, and, as long as that is a lower one, since when and what is done about it. */
export class Standing {
  readonly #settings: LadderSettings;
  readonly #observer: LadderObserver;
  readonly #means: StandingMeans;
  readonly #memory: OfferMemory;
  readonly #retryAfter: number;
  readonly #retry: Retry;
  #lowered: Lowered | undefined;

  constructor(settings: LadderSettings, observer: LadderObserver, means: StandingMeans) {
    this.#settings = settings;
    this.#observer = observer;
    this.#means = means;
    this.#retryAfter = means.retryAfter ?? firstRetry;
    this.#memory = new OfferMemory(settings.remember, means.now, means.learned);
    this.#retry = new Retry(means.retryHigher, Math.max(settings.remember, this.#retryAfter), means.now);
  }

  /** What is known to be seen from outside. */
  get state(): LadderState {
    const known = this.#memory.current;
    return {
      offers: this.#settings.offers.map(({ name }) => name),
      remembered: known && { index: known.index, left: known.until - this.#means.now() },
      lowered: this.#lowered,
      retryIn: this.#retry.in,
    };
  }

  /** The offer that comes first now. */
  get current(): Remembered | undefined {
    return this.#memory.current;
  }

  /** The index of the offer that worked last, whether it is remembered or not. */
  get last(): number | undefined {
    return this.#memory.last;
  }

  /** It does not work any more. */
  forget(known: Remembered): void {
    this.#memory.forget(known);
  }

  /** An offer works, found by a climb. @param previous the one that worked before */
  learn(index: number, previous: number | undefined, connection: SecureConnection): void {
    this.#memory.remember(index);
    if (index === 0) {
      if (previous !== undefined && previous > 0) this.#observer.recovered(connection);
      this.#lowered = undefined;
      this.#retry.disarm();
      return;
    }
    const { offers, remember } = this.#settings;
    const top = offers[0] as Offer;
    const first = connection.attempts.find(({ offer }) => offer === top.name);
    this.#lowered = { index, at: Date.now(), first: first as Attempt, sentinel: connection.sentinel };
    this.#observer.fallback(top, offers[index] as Offer, first as Attempt);
    if (connection.sentinel !== undefined) this.#observer.downgrade(connection, connection.sentinel);
    if (remember > 0) this.#retry.arm(this.#retryAfter);
  }

  /** A higher offer than before works, found in the background. */
  recover(index: number, connection: SecureConnection): void {
    this.#memory.remember(index);
    const { sentinel } = connection;
    this.#lowered = index === 0 || this.#lowered === undefined ? undefined : { ...this.#lowered, index, sentinel };
    this.#observer.recovered(connection);
    if (sentinel !== undefined) this.#observer.downgrade(connection, sentinel);
  }

  /** Another ladder to the same upstream has found it out. @param retry whether nobody else tries the higher ones */
  adopt(index: number, retry: boolean): void {
    if (index >= this.#settings.offers.length) return;
    if (this.#memory.current?.index !== index) this.#memory.adopt(index);
    if (index === 0) {
      this.#lowered = undefined;
      this.#retry.disarm();
    } else if (retry && this.#settings.remember > 0) {
      this.#retry.arm(this.#retryAfter);
    }
  }

  /** Ends what goes on in the background. */
  close(): void {
    this.#retry.disarm();
  }
}
