import type { SecureContext } from 'node:tls';
import type { Timeouts, ViaSettings } from '../config/config.ts';
import type { Attempt } from '../errors.ts';
import { ladderTimeout } from './climb.ts';
import { explain } from './explain.ts';
import type { Verdict } from './failure.ts';
import { type AttemptResult, attempt, type Witness } from './handshake.ts';
import type { ServerIdentity } from './identity.ts';
import { type Offer, speaks } from './offers.ts';
import { isLowered, SentinelWitness } from './sentinel-witness.ts';
import { SessionCache } from './sessions.ts';
import { judge } from './verdict.ts';

/** What a ladder needs to know of its route. */
export interface LadderSettings {
  readonly hostname: string;
  readonly port: number;
  /** The CONNECT proxy on the way there; undefined: none. */
  readonly via?: ViaSettings | undefined;
  readonly identity: ServerIdentity;
  readonly offers: readonly Offer[];
  readonly contexts: readonly SecureContext[];
  readonly timeouts: Pick<Timeouts, 'connect' | 'handshake' | 'ladder'>;
  /** Milliseconds for which a lower offer that worked is remembered; 0 = never. */
  readonly remember: number;
  /** Whether sessions are resumed. */
  readonly resume: boolean;
  /** What a downgrade sentinel after a fallback means. */
  readonly downgrade: 'warn' | 'refuse';
}

/** Attempts by the offers of one ladder, with the sessions that those left behind. Indexes count the offers from the top. */
export class OfferAttempts {
  readonly #settings: LadderSettings;
  readonly #now: () => number;
  readonly #attemptBy: typeof attempt;
  readonly #sessions = new SessionCache();

  /** @param now a clock in milliseconds that never goes back */
  constructor(settings: LadderSettings, now: () => number, attemptBy: typeof attempt = attempt) {
    this.#settings = settings;
    this.#now = now;
    this.#attemptBy = attemptBy;
  }

  /**
   * One attempt; below a version that was offered before, the server is asked whether it speaks that (RFC 8446 section
   * 4.1.3). A server that does was made to look as if it did not, by a fault or by an attack.
   */
  async watchedAttempt(index: number, signal: AbortSignal): Promise<AttemptResult> {
    const { offers, downgrade } = this.#settings;
    if (!isLowered(offers, index)) return this.attempt(index, signal);
    const witness = new SentinelWitness();
    const result = await this.attempt(index, signal, witness);
    if ('failure' in result) return result;
    const { connection, ms } = result;
    const { sentinel } = witness;
    connection.tapped = true;
    connection.sentinel = sentinel;
    const { legacy, name } = offers[index] as Offer;
    if (sentinel === undefined || (downgrade === 'warn' && !legacy)) return result;
    connection.socket.destroy();
    this.#sessions.drop(name);
    const unlisted = !offers.some((offer) => speaks(offer, sentinel));
    return { failure: { stage: 'verified', sentinel, unlisted }, ms };
  }

  /**
   * One attempt, by a session of the offer's if there is one.
   *
   * @throws the signal's reason, and nothing else
   */
  async attempt(index: number, signal: AbortSignal, witness?: Witness): Promise<AttemptResult> {
    const { hostname, port, via, identity, offers, contexts, timeouts, resume } = this.#settings;
    const offer = offers[index] as Offer;
    const context = contexts[index] as SecureContext;
    const session = resume ? this.#sessions.take(offer.name) : undefined;
    const onSession = resume ? (ticket: Buffer) => this.#sessions.put(offer.name, ticket) : undefined;
    const settings = { hostname, port, via, offer, context, identity, session, onSession, timeouts, witness };
    const result = await this.#attemptBy(settings, signal);
    if ('failure' in result) {
      this.#sessions.drop(offer.name);
    } else if (resume) {
      const { negotiated, certificateEnd } = result.connection;
      if (!negotiated.resumed) this.#sessions.verified(offer.name, certificateEnd);
      // Up to TLS 1.2 a resumed session gets no new ticket as a rule, and stays good for the next connection.
      if (session !== undefined && negotiated.resumed && negotiated.protocol !== 'TLSv1.3') {
        this.#sessions.put(offer.name, session);
      }
    }
    return result;
  }

  /**
   * An attempt by an offer, behind others. If the ladder's time runs out meanwhile, the error lists it as the last of
   * `attempts`; if nobody waits any more, they do.
   *
   * @throws ProxyError, or what aborted the attempt
   */
  async bounded(attempt: () => Promise<AttemptResult>, index: number, attempts: Attempt[]): Promise<AttemptResult> {
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
      throw explain(tooLate, [...attempts, { offer, outcome: 'timeout', code: tooLate.code, ms }], this.#settings);
    }
  }

  /** A result as logs and problem documents tell it. */
  record(index: number, result: AttemptResult): Attempt {
    const offer = (this.#settings.offers[index] as Offer).name;
    if ('connection' in result) return { offer, outcome: 'ok', ms: result.ms };
    const { outcome, code, alert } = judge(result.failure);
    return { offer, outcome, code, ...(alert === undefined ? {} : { alert }), ms: result.ms };
  }
}

const tooLate: Verdict = {
  action: 'stop',
  outcome: 'timeout',
  cause: 'timeout',
  code: 'ETIMEDOUT',
  hint: 'the attempts together took longer than `timeouts.ladder`',
};
