import { withoutCertificate } from './session-state.ts';

/** Sessions kept for one offer: of so many connections that are made at once each can resume one. More would only be older tickets. */
const bound = 32;

/**
 * Sessions to resume, per offer, of one route: a session carries the identity that made it, so it is shared with no
 * other. A TLS 1.3 ticket is used once (RFC 8446 appendix C.4); a TLS 1.2 session as long as the server takes it.
 */
export class SessionCache {
  readonly #byOffer = new Map<string, Buffer[]>();
  readonly #now: () => number;
  /** When the certificate ends that the sessions of an offer go back to; a resumed handshake shows none. */
  readonly #ends = new Map<string, number>();

  /** @param now the time of day, in milliseconds of the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Notes that a certificate was verified for an offer. Its sessions are not used beyond the certificate's end: nobody
   * would look at its date again.
   *
   * @param end in milliseconds of the epoch
   */
  verified(offer: string, end: number): void {
    this.#ends.set(offer, end);
  }

  /** Keeps a session for later connections by the same offer. */
  put(offer: string, session: Buffer): void {
    const kept = this.#byOffer.get(offer) ?? [];
    kept.push(withoutCertificate(session));
    if (kept.length > bound) kept.shift();
    this.#byOffer.set(offer, kept);
  }

  /** The newest session for an offer; undefined if there is none. */
  take(offer: string): Buffer | undefined {
    if ((this.#ends.get(offer) ?? Infinity) <= this.#now()) this.drop(offer);
    return this.#byOffer.get(offer)?.pop();
  }

  /** Drops what is kept for an offer, after an attempt with it failed. */
  drop(offer: string): void {
    this.#byOffer.delete(offer);
  }
}
