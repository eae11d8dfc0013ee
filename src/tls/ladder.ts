import { type Attempt, ProxyError } from '../errors.ts';
import { BackOff } from './back-off.ts';
import { Climb, type Climbed, ladderTimeout, within } from './climb.ts';
import { explain } from './explain.ts';
import type { AttemptResult, attempt } from './handshake.ts';
import type { LadderObserver, LadderState, Lowered, TriedEnd } from './ladder-view.ts';
import { OfferMemory, type Remembered } from './memory.ts';
import { type LadderSettings, OfferAttempts } from './offer-attempts.ts';
import type { Offer } from './offers.ts';
import { Retry } from './retry.ts';
import type { SecureConnection } from './secure-connection.ts';
import { judge, type Verdict } from './verdict.ts';

export type { LadderObserver, LadderState, TriedEnd } from './ladder-view.ts';
export type { LadderSettings } from './offer-attempts.ts';

/** What a ladder works with; each is given only by those who want to see it work. */
export interface LadderMeans {
  /** Milliseconds before the top is tried again after a fallback; default 2,000. */
  readonly retryAfter?: number;
  readonly attempt?: typeof attempt;
  /** A clock in milliseconds that never goes back. */
  readonly now?: () => number;
  /** Told the index of the offer that works, whenever it is another one than before. */
  readonly learned?: (index: number) => void;
}

/** The first wait, in milliseconds, before the top is tried again after a fallback; each further one is twice as long. */
const firstRetry = 2_000;

/**
 * Makes verified connections to one upstream with one route's identity, and finds the offer that the upstream takes.
 *
 * Several callers at once share one climb. What worked is remembered; a lower offer only provisionally: the top is
 * tried again in the background. Knows no HTTP, and nothing of a request is written before it is done.
 */
export class Ladder {
  readonly #settings: LadderSettings;
  readonly #observer: LadderObserver;
  readonly #memory: OfferMemory;
  readonly #backOff: BackOff;
  readonly #offers: OfferAttempts;
  readonly #now: () => number;
  readonly #retired = new AbortController();
  readonly #retryAfter: number;
  readonly #retry: Retry;
  #climb: Climb | undefined;
  #lowered: Lowered | undefined;

  constructor(settings: LadderSettings, observer: LadderObserver, means: LadderMeans = {}) {
    const now = means.now ?? (() => performance.now());
    this.#settings = settings;
    this.#observer = observer;
    this.#retryAfter = means.retryAfter ?? firstRetry;
    this.#offers = new OfferAttempts(settings, means.attempt);
    this.#now = now;
    this.#memory = new OfferMemory(settings.remember, now, means.learned);
    this.#backOff = new BackOff(now);
    const longest = Math.max(settings.remember, this.#retryAfter);
    this.#retry = new Retry(() => this.#retryHigher(), longest, now);
  }

  /** What is known of the upstream now. */
  get state(): LadderState {
    const known = this.#memory.current;
    return {
      offers: this.#settings.offers.map(({ name }) => name),
      remembered: known && { index: known.index, left: known.until - this.#now() },
      lowered: this.#lowered,
      retryIn: this.#retry.in,
    };
  }

  /**
   * A new connection, by the offer that is known to work, else by the first that does.
   *
   * @param signal the caller's; when it aborts, its reason is thrown and nothing more is tried on its behalf
   * @throws ProxyError with every attempt that was made
   */
  async connect(signal: AbortSignal): Promise<SecureConnection> {
    this.#backOff.throwIfWaiting();
    const began = this.#now();
    try {
      return await this.#connect(signal);
    } catch (error) {
      if (error instanceof ProxyError) this.#backOff.failed(error, began);
      throw error;
    }
  }

  async #connect(signal: AbortSignal): Promise<SecureConnection> {
    const started = this.#now();
    const before: Attempt[] = [];
    let known = this.#memory.current;
    for (;;) {
      signal.throwIfAborted();
      const failing = this.#backOff.active;
      if (known !== undefined && this.#climb === undefined && !failing) {
        try {
          const connection = await this.#tryKnown(known, before, started, signal);
          if (connection !== undefined) return connection;
          signal.throwIfAborted();
        } catch (error) {
          throw this.#told(error, before);
        }
      }
      // While all fails, one at a time is enough to find out whether that is over.
      const first = failing ? known : undefined;
      const { connection, index } = await this.#climbWith(before.splice(0), first, started).join(signal);
      if (connection !== undefined) return connection;
      // Another caller has the connection of the climb; what it found out serves all who waited.
      known = this.#memory.current ?? { index, until: 0 };
    }
  }

  /**
   * Takes over what another ladder to the same upstream has found out.
   *
   * @param retry whether to try the higher offers in the background, because no other ladder does
   */
  adopt(index: number, retry: boolean): void {
    if (index >= this.#settings.offers.length || this.#memory.current?.index === index) return;
    this.#memory.adopt(index);
    if (index === 0) {
      this.#lowered = undefined;
      this.#retry.disarm();
    } else if (retry && this.#settings.remember > 0) {
      this.#retry.arm(this.#retryAfter);
    }
  }

  /** Ends what goes on in the background: the ladder's route is gone. Who is connecting may finish. */
  retire(): void {
    this.#retry.disarm();
    this.#retired.abort(new ProxyError('internal', 'the configuration was replaced', { source: 'internal' }));
  }

  /** One attempt by what is known; undefined if that is forgotten now and the ladder has to be climbed. */
  async #tryKnown(
    known: Remembered,
    before: Attempt[],
    started: number,
    signal: AbortSignal,
  ): Promise<SecureConnection | undefined> {
    const bound = within(this.#left(started), signal);
    const result = await this.#bound(
      () => this.#offers.attempt(known.index, bound.signal),
      known.index,
      before,
    ).finally(bound.release);
    before.push(this.#offers.record(known.index, result));
    if ('connection' in result) {
      this.#deliver(result.connection, before, started);
      return result.connection;
    }
    const verdict = judge(result.failure);
    if (verdict.action === 'stop') throw this.#error(verdict, before);
    this.#memory.forget(known);
    return undefined;
  }

  /**
   * The climb that is under way, or a new one: from the top, or from below it where the top has just failed as the known
   * one. It tells the attempts `before` with its own.
   *
   * @param known what a new climb tries before anything else
   */
  #climbWith(before: readonly Attempt[], known: Remembered | undefined, started: number): Climb {
    if (this.#climb !== undefined && !(this.#climb.over && before.length > 0)) {
      // They began before the climb did: told in the midst of it, they would look as if it had left out an offer.
      this.#climb.attempts.unshift(...before);
      return this.#climb;
    }
    const climb: Climb = new Climb(
      before,
      (own, signal) => this.#run(own, known, started, signal),
      this.#left(started),
      () => {
        if (this.#climb === climb) this.#climb = undefined;
      },
    );
    this.#climb = climb;
    return climb;
  }

  /** Tries what is `known`, then the offers from the top on, until one works or a failure says that none will. */
  async #run(climb: Climb, known: Remembered | undefined, started: number, signal: AbortSignal): Promise<Climbed> {
    const { offers } = this.#settings;
    const { attempts } = climb;
    const previous = this.#memory.last;
    try {
      if (known !== undefined) {
        const connection = await this.#tryKnown(known, attempts, started, signal);
        if (connection !== undefined) {
          climb.over = true;
          return { connection, index: known.index };
        }
      }
      const start = attempts.at(-1)?.offer === offers[0]?.name ? 1 : 0;
      for (let index = start; index < offers.length; index += 1) {
        signal.throwIfAborted();
        const result = await this.#bound(() => this.#offers.watchedAttempt(index, signal), index, attempts);
        attempts.push(this.#offers.record(index, result));
        if ('connection' in result) {
          const { connection } = result;
          this.#deliver(connection, attempts, started);
          this.#learn(index, previous, connection);
          climb.over = true;
          return { connection, index };
        }
        const verdict = judge(result.failure);
        if (verdict.action === 'stop') throw this.#error(verdict, attempts);
      }
      throw this.#error(allRefused, attempts);
    } catch (error) {
      climb.over = true;
      throw this.#told(error, attempts);
    }
  }

  #learn(index: number, previous: number | undefined, connection: SecureConnection): void {
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

  /** A single stray reset pins nobody down: tries the offers above the remembered one, without a request. True once there is none left above, or nobody to try for. */
  async #retryHigher(): Promise<boolean> {
    const lower = this.#memory.last as number;
    const attempts: Attempt[] = [];
    for (let index = 0; index < lower && !this.#retired.signal.aborted; index += 1) {
      const trial = () => this.#offers.watchedAttempt(index, this.#retired.signal);
      // Only an abort rejects an attempt.
      const result = await this.#bound(trial, index, attempts).catch(() => undefined);
      if (result === undefined) {
        this.#tell(attempts, { trial: true });
        return true;
      }
      attempts.push(this.#offers.record(index, result));
      if ('connection' in result) {
        const { connection } = result;
        connection.attempts = attempts;
        connection.socket.destroySoon();
        this.#tell(attempts, { trial: true, protocol: connection.negotiated.protocol });
        // Somebody else may have climbed meanwhile.
        if (this.#memory.last === lower) this.#recover(index, connection);
        return this.#memory.last === 0;
      }
      if (judge(result.failure).action === 'stop') break;
    }
    this.#tell(attempts, { trial: true });
    return lower === 0 || this.#retired.signal.aborted;
  }

  #recover(index: number, connection: SecureConnection): void {
    this.#memory.remember(index);
    const { sentinel } = connection;
    this.#lowered = index === 0 || this.#lowered === undefined ? undefined : { ...this.#lowered, index, sentinel };
    this.#observer.recovered(connection);
    if (sentinel !== undefined) this.#observer.downgrade(connection, sentinel);
  }

  /** Tells the attempts that came to this error. */
  #told(error: unknown, attempts: readonly Attempt[]): unknown {
    if (error instanceof ProxyError) this.#tell(error.attempts, { cause: error.code });
    else this.#tell(attempts);
    return error;
  }

  #tell(attempts: readonly Attempt[], end: TriedEnd = {}): void {
    if (attempts.length > 0) this.#observer.tried([...attempts], end);
  }

  /** One attempt; if the ladder's time runs out meanwhile, the error lists it as the last of `attempts`; if nobody waits any more, they do. */
  async #bound(attempt: () => Promise<AttemptResult>, index: number, attempts: Attempt[]): Promise<AttemptResult> {
    const began = this.#now();
    try {
      return await attempt();
    } catch (reason) {
      const offer = (this.#settings.offers[index] as Offer).name;
      const ms = Math.round(this.#now() - began);
      if (reason !== ladderTimeout) {
        attempts.push({ offer, outcome: 'abandoned', code: 'ABORT_ERR', ms });
        throw reason;
      }
      throw this.#error(tooLate, [...attempts, { offer, outcome: 'timeout', code: tooLate.code, ms }]);
    }
  }

  #deliver(connection: SecureConnection, attempts: readonly Attempt[], started: number): void {
    connection.attempts = [...attempts];
    this.#backOff.succeeded();
    this.#observer.handshake(connection, Math.round(this.#now() - started));
  }

  #error(verdict: Verdict, attempts: readonly Attempt[]): ProxyError {
    return explain(verdict, attempts, this.#settings);
  }

  /** Milliseconds of `timeouts.ladder` that are left. */
  #left(started: number): number {
    return this.#settings.timeouts.ladder - (this.#now() - started);
  }
}

const tooLate: Verdict = {
  action: 'stop',
  outcome: 'timeout',
  cause: 'timeout',
  code: 'ETIMEDOUT',
  hint: 'the attempts together took longer than `timeouts.ladder`',
};

const allRefused: Verdict = { action: 'stop', outcome: 'failed', cause: 'tls-version', code: 'ECONNRESET' };
