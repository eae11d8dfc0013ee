import type { SecureContext } from 'node:tls';
import type { Timeouts } from '../config/config.ts';
import { type Attempt, ProxyError } from '../errors.ts';
import { explain } from './explain.ts';
import { type AttemptResult, attempt } from './handshake.ts';
import type { ServerIdentity } from './identity.ts';
import { OfferMemory, type Remembered } from './memory.ts';
import type { Offer } from './offers.ts';
import type { SecureConnection } from './secure-connection.ts';
import { SessionCache } from './sessions.ts';
import { judge, type Verdict } from './verdict.ts';

/** What a ladder needs to know of its route. */
export interface LadderSettings {
  readonly hostname: string;
  readonly port: number;
  readonly identity: ServerIdentity;
  readonly offers: readonly Offer[];
  readonly contexts: readonly SecureContext[];
  readonly timeouts: Pick<Timeouts, 'connect' | 'handshake' | 'ladder'>;
  /** Milliseconds for which a lower offer that worked is remembered; 0 = never. */
  readonly remember: number;
  /** Whether sessions are resumed. */
  readonly resume: boolean;
}

/** What a ladder tells those who log and count. */
export interface LadderObserver {
  /** A verified connection; `ms` counts from the first attempt. */
  handshake(connection: SecureConnection, ms: number): void;
  /** A ladder ended below the offer it began with. `first` is the failure that made it leave the top. */
  fallback(from: Offer, to: Offer, first: Attempt): void;
  /** A higher offer works again. */
  recovered(connection: SecureConnection): void;
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
  readonly #sessions = new SessionCache();
  readonly #retired = new AbortController();
  readonly #retryAfter: number;
  #climb: Climb | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** @param retryAfter milliseconds before the top is tried again after a fallback */
  constructor(settings: LadderSettings, observer: LadderObserver, retryAfter: number = firstRetry) {
    this.#settings = settings;
    this.#retryAfter = retryAfter;
    this.#observer = observer;
    this.#memory = new OfferMemory(settings.remember);
  }

  /**
   * A new connection, by the offer that is known to work, else by the first that does.
   *
   * @param signal the caller's; when it aborts, its reason is thrown and nothing more is tried on its behalf
   * @throws ProxyError with every attempt that was made
   */
  async connect(signal: AbortSignal): Promise<SecureConnection> {
    const started = performance.now();
    const before: Attempt[] = [];
    let known = this.#memory.current;
    for (;;) {
      signal.throwIfAborted();
      if (known !== undefined && this.#climb === undefined) {
        const connection = await this.#tryKnown(known, before, started, signal);
        if (connection !== undefined) return connection;
      }
      this.#climb ??= this.#begin(known, before, started);
      const { connection, index } = await this.#climb.join(signal);
      if (connection !== undefined) return connection;
      // Another caller has the connection of the climb; what it found out serves all who waited.
      known = this.#memory.current ?? { index, until: 0 };
    }
  }

  /** Ends what goes on in the background: the ladder's route is gone. Who is connecting may finish. */
  retire(): void {
    clearTimeout(this.#retry);
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
    const result = await this.#boundAttempt(known.index, before, bound.signal).finally(bound.release);
    before.push(this.#record(known.index, result));
    if ('connection' in result) {
      this.#deliver(result.connection, before, started);
      return result.connection;
    }
    const verdict = judge(result.failure);
    if (verdict.action === 'stop') throw this.#error(verdict, before);
    this.#memory.forget(known);
    return undefined;
  }

  /** Starts a climb from the top; from below it where the top has just failed as the known one. */
  #begin(known: Remembered | undefined, before: readonly Attempt[], started: number): Climb {
    const start = known?.index === 0 && before.length > 0 ? 1 : 0;
    const attempts = [...before];
    const climb: Climb = new Climb(
      (signal) => this.#run(start, attempts, started, signal),
      this.#left(started),
      () => {
        if (this.#climb === climb) this.#climb = undefined;
      },
    );
    return climb;
  }

  /** Tries the offers from `start` on until one works or a failure says that none will. */
  async #run(start: number, attempts: Attempt[], started: number, signal: AbortSignal): Promise<Climbed> {
    const { offers } = this.#settings;
    const previous = this.#memory.last;
    for (let index = start; index < offers.length; index += 1) {
      const result = await this.#boundAttempt(index, attempts, signal);
      attempts.push(this.#record(index, result));
      if ('connection' in result) {
        const { connection } = result;
        this.#deliver(connection, attempts, started);
        this.#learn(index, previous, connection);
        return { connection, index };
      }
      const verdict = judge(result.failure);
      if (verdict.action === 'stop') throw this.#error(verdict, attempts);
    }
    throw this.#error(allRefused, attempts);
  }

  #learn(index: number, previous: number | undefined, connection: SecureConnection): void {
    this.#memory.remember(index);
    if (index === 0) {
      if (previous !== undefined && previous > 0) this.#observer.recovered(connection);
      clearTimeout(this.#retry);
      return;
    }
    const { offers, remember } = this.#settings;
    const top = offers[0] as Offer;
    const first = connection.attempts.find(({ offer }) => offer === top.name);
    this.#observer.fallback(top, offers[index] as Offer, first as Attempt);
    if (remember > 0) this.#retryLater(this.#retryAfter);
  }

  /** A single stray reset pins nobody down: higher offers are tried again, ever more seldom. */
  #retryLater(wait: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(async () => {
      const done = await this.#retryHigher();
      if (!done) this.#retryLater(Math.min(wait * 2, Math.max(this.#settings.remember, this.#retryAfter)));
    }, wait);
    this.#retry.unref();
  }

  /** Tries the offers above the remembered one, without a request. True once there is none left above, or nobody to try for. */
  async #retryHigher(): Promise<boolean> {
    const lower = this.#memory.last as number;
    for (let index = 0; index < lower; index += 1) {
      // Only an abort rejects an attempt.
      const result = await this.#attempt(index, this.#retired.signal).catch(() => undefined);
      if (result === undefined) return true;
      if ('connection' in result) {
        const { connection } = result;
        connection.attempts = [this.#record(index, result)];
        connection.socket.destroySoon();
        // Somebody else may have climbed meanwhile.
        if (this.#memory.last === lower) {
          this.#memory.remember(index);
          this.#observer.recovered(connection);
        }
        return this.#memory.last === 0;
      }
      if (judge(result.failure).action === 'stop') return false;
    }
    return lower === 0;
  }

  /** One attempt; if the ladder's time runs out meanwhile, the error lists it as the last of `attempts`. */
  async #boundAttempt(index: number, attempts: readonly Attempt[], signal: AbortSignal): Promise<AttemptResult> {
    const began = performance.now();
    try {
      return await this.#attempt(index, signal);
    } catch (reason) {
      if (reason !== ladderTimeout) throw reason;
      const offer = (this.#settings.offers[index] as Offer).name;
      const ms = Math.round(performance.now() - began);
      throw this.#error(tooLate, [...attempts, { offer, outcome: 'timeout', code: tooLate.code, ms }]);
    }
  }

  async #attempt(index: number, signal: AbortSignal): Promise<AttemptResult> {
    const { hostname, port, identity, offers, contexts, timeouts, resume } = this.#settings;
    const offer = offers[index] as Offer;
    const context = contexts[index] as SecureContext;
    const session = resume ? this.#sessions.take(offer.name) : undefined;
    const onSession = resume ? (ticket: Buffer) => this.#sessions.put(offer.name, ticket) : undefined;
    const result = await attempt({ hostname, port, offer, context, identity, session, onSession, timeouts }, signal);
    if ('failure' in result) {
      this.#sessions.drop(offer.name);
    } else if (resume) {
      const { negotiated } = result.connection;
      // Up to TLS 1.2 a resumed session gets no new ticket as a rule, and stays good for the next connection.
      if (session !== undefined && negotiated.resumed && negotiated.protocol !== 'TLSv1.3') {
        this.#sessions.put(offer.name, session);
      }
    }
    return result;
  }

  #record(index: number, result: AttemptResult): Attempt {
    const offer = (this.#settings.offers[index] as Offer).name;
    if ('connection' in result) return { offer, outcome: 'ok', ms: result.ms };
    const { outcome, code, alert } = judge(result.failure);
    return { offer, outcome, code, ...(alert === undefined ? {} : { alert }), ms: result.ms };
  }

  #deliver(connection: SecureConnection, attempts: readonly Attempt[], started: number): void {
    connection.attempts = [...attempts];
    this.#observer.handshake(connection, Math.round(performance.now() - started));
  }

  #error(verdict: Verdict, attempts: readonly Attempt[]): ProxyError {
    return explain(verdict, attempts, this.#settings);
  }

  /** Milliseconds of `timeouts.ladder` that are left. */
  #left(started: number): number {
    return this.#settings.timeouts.ladder - (performance.now() - started);
  }
}

/** The reason with which `timeouts.ladder` aborts attempts. */
const ladderTimeout = new Error('ladder timeout');

/** A signal that follows another, not aborted yet, and, after so many milliseconds, aborts by itself; `release` ends both. */
function within(ms: number, signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(ladderTimeout), ms);
  signal.addEventListener('abort', follow, { once: true });
  const release = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  };
  return { signal: controller.signal, release };
}

const tooLate: Verdict = {
  action: 'stop',
  outcome: 'timeout',
  cause: 'timeout',
  code: 'ETIMEDOUT',
  hint: 'the attempts together took longer than `timeouts.ladder`',
};

const allRefused: Verdict = { action: 'stop', outcome: 'failed', cause: 'tls-version', code: 'ECONNRESET' };

interface Climbed {
  readonly connection: SecureConnection;
  readonly index: number;
}

/** One way up the ladder on behalf of all who ask meanwhile. It ends when nobody waits for it any more. */
class Climb {
  readonly #controller = new AbortController();
  readonly #result: Promise<Climbed>;
  readonly #done: () => void;
  #waiting = 0;
  #taken = false;

  /** `deadline` in milliseconds from now; `done` is called once this climb is no longer one to join. */
  constructor(run: (signal: AbortSignal) => Promise<Climbed>, deadline: number, done: () => void) {
    this.#done = done;
    const timer = setTimeout(() => this.#controller.abort(ladderTimeout), deadline);
    this.#result = run(this.#controller.signal).finally(() => {
      clearTimeout(timer);
      done();
    });
  }

  /**
   * Waits for the end; the first who does gets the connection, the others only learn the offer's index.
   *
   * @param signal not aborted yet
   */
  join(signal: AbortSignal): Promise<{ connection: SecureConnection | undefined; index: number }> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting -= 1;
        reject(signal.reason);
        if (this.#waiting > 0) return;
        this.#done();
        this.#controller.abort(signal.reason);
      };
      this.#waiting += 1;
      signal.addEventListener('abort', leave, { once: true });
      this.#result.then(
        ({ connection, index }) => {
          signal.removeEventListener('abort', leave);
          if (!signal.aborted) {
            resolve({ connection: this.#taken ? undefined : connection, index });
            this.#taken = true;
          } else if (this.#waiting === 0) {
            connection.socket.destroy();
          }
        },
        (reason: unknown) => {
          signal.removeEventListener('abort', leave);
          reject(reason);
        },
      );
    });
  }
}
