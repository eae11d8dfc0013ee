import { clock } from '../clock.ts';
import { type Attempt, ProxyError } from '../errors.ts';
import { BackOff } from './back-off.ts';
import { Climb, type Climbed, within } from './climb.ts';
import { explain } from './explain.ts';
import type { Verdict } from './failure.ts';
import type { attempt } from './handshake.ts';
import type { LadderObserver, LadderState, TriedEnd } from './ladder-view.ts';
import type { Remembered } from './memory.ts';
import { type LadderSettings, OfferAttempts } from './offer-attempts.ts';
import type { SecureConnection } from './secure-connection.ts';
import { Standing } from './standing.ts';
import { judge } from './verdict.ts';

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

/**
 * Makes verified connections to one upstream with one route's identity, and finds the offer that the upstream takes.
 *
 * Several callers at once share one climb. What worked is remembered; a lower offer only provisionally: the top is
 * tried again in the background. Knows no HTTP, and nothing of a request is written before it is done.
 */
export class Ladder {
  readonly #settings: LadderSettings;
  readonly #observer: LadderObserver;
  readonly #standing: Standing;
  readonly #backOff: BackOff;
  readonly #offers: OfferAttempts;
  readonly #now: () => number;
  readonly #retired = new AbortController();
  #climb: Climb | undefined;

  constructor(settings: LadderSettings, observer: LadderObserver, means: LadderMeans = {}) {
    const now = means.now ?? clock;
    this.#settings = settings;
    this.#observer = observer;
    this.#offers = new OfferAttempts(settings, now, means.attempt);
    this.#now = now;
    this.#standing = new Standing(settings, observer, { ...means, now, retryHigher: () => this.#retryHigher() });
    this.#backOff = new BackOff(now);
  }

  /** What is known of the upstream now. */
  get state(): LadderState {
    return this.#standing.state;
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
    let known = this.#standing.current;
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
      known = this.#standing.current ?? { index, until: 0 };
    }
  }

  /**
   * Takes over what another ladder to the same upstream has found out.
   *
   * @param retry whether to try the higher offers in the background, because no other ladder does
   */
  adopt(index: number, retry: boolean): void {
    this.#standing.adopt(index, retry);
  }

  /** Ends what goes on in the background: the ladder's route is gone. Who is connecting may finish. */
  retire(): void {
    this.#standing.close();
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
    const result = await this.#offers
      .bounded(() => this.#offers.attempt(known.index, bound.signal), known.index, before)
      .finally(bound.release);
    before.push(this.#offers.record(known.index, result));
    if ('connection' in result) {
      this.#deliver(result.connection, before, started);
      return result.connection;
    }
    const verdict = judge(result.failure);
    if (verdict.action === 'stop') throw this.#error(verdict, before);
    this.#standing.forget(known);
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
    const previous = this.#standing.last;
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
        const result = await this.#offers.bounded(() => this.#offers.watchedAttempt(index, signal), index, attempts);
        attempts.push(this.#offers.record(index, result));
        if ('connection' in result) {
          const { connection } = result;
          this.#deliver(connection, attempts, started);
          this.#standing.learn(index, previous, connection);
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

  /** A stray reset pins nobody down: tries the offers above the remembered one. True once none is left, or nobody to try for. */
  async #retryHigher(): Promise<boolean> {
    const lower = this.#standing.last as number;
    const attempts: Attempt[] = [];
    for (let index = 0; index < lower && !this.#retired.signal.aborted; index += 1) {
      const trial = () => this.#offers.watchedAttempt(index, this.#retired.signal);
      // Only an abort rejects an attempt.
      const result = await this.#offers.bounded(trial, index, attempts).catch(() => undefined);
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
        if (this.#standing.last === lower) this.#standing.recover(index, connection);
        return this.#standing.last === 0;
      }
      if (judge(result.failure).action === 'stop') break;
    }
    this.#tell(attempts, { trial: true });
    return lower === 0 || this.#retired.signal.aborted;
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

const allRefused: Verdict = { action: 'stop', outcome: 'failed', cause: 'tls-version', code: 'ECONNRESET' };
