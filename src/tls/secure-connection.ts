import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Version } from '../config/config.ts';
import type { Attempt } from '../errors.ts';
import type { AttemptFailure, Verdict } from './failure.ts';
import { hearOut } from './hear-out.ts';
import type { Offer } from './offers.ts';
import { resetOf } from './reset.ts';
import { judge } from './verdict.ts';

/**
 * How long a TLS 1.3 server that sends no session ticket is given to refuse us, in milliseconds. Where that is more, it is
 * given twice as long as the handshake took, which is one round trip: a refusal needs another one to arrive.
 */
const settleTime = 50;

/** No wait is longer than this, in milliseconds, however long the handshake took. */
const longestSettleTime = 1_000;

/**
 * How long a server without tickets is given to refuse us, in milliseconds.
 *
 * @param handshakeTime milliseconds from the ClientHello to the end of the handshake
 */
export function settleTimeAfter(handshakeTime: number): number {
  return Math.min(Math.max(settleTime, 2 * handshakeTime), longestSettleTime);
}

/** What was negotiated, read once: a closed TLSSocket no longer tells. */
export interface Negotiated {
  /** `TLSv1.2` and so on. */
  readonly protocol: string;
  readonly cipher: string;
  /** Key-exchange group as far as Node tells it; empty where it does not. */
  readonly group: string;
  readonly resumed: boolean;
}

/**
 * A connection whose handshake is complete and whose server is verified.
 *
 * In TLS 1.3 that does not say that the server has accepted *us*: it may refuse our certificate afterwards, by an alert
 * or a bare close. It is `confirmed` when the server has sent a session ticket (which it does only after our Finished),
 * or application data, or nothing for the settle time. Up to TLS 1.2 the server finishes last, so that complete is
 * confirmed; so it is on a resumed connection, which carries no certificate.
 */
export class SecureConnection {
  readonly socket: TLSSocket;
  readonly offer: Offer;
  readonly negotiated: Negotiated;
  /** Every attempt of the ladder that led here; the last one is this connection's own. */
  attempts: readonly Attempt[] = [];
  /** When the server's certificate ends, in milliseconds of the epoch; NaN on a resumed connection, which shows none. */
  certificateEnd = NaN;
  /** Its bytes go through a witness in JavaScript, so that it should not carry the load. */
  tapped = false;
  /** The higher version that the server says it speaks, though an offer of it failed. */
  sentinel: Version | undefined;
  /** The state of the server's consent to our certificate. */
  consent: 'pending' | 'confirmed' | 'refused';
  /** A write has failed: what there is may still be read, and then it ends. */
  deaf = false;
  /** How the refusal looked, when consent is `refused`. */
  refusal: Verdict | undefined;

  readonly #raw: Socket;
  #settle: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];
  /** Whoever waited has been called. */
  #told = false;
  #lastError: NodeJS.ErrnoException | undefined;

  /**
   * Takes a socket in the very tick of its 'secureConnect', before any later event could be missed.
   *
   * @param raw the TCP socket under it
   * @param settled milliseconds after which a server that sends no ticket is taken to have accepted us
   */
  constructor(socket: TLSSocket, raw: Socket, offer: Offer, negotiated: Negotiated, settled: number = settleTime) {
    this.socket = socket;
    this.#raw = raw;
    this.offer = offer;
    this.negotiated = negotiated;
    hearOut(socket, raw, () => {
      this.deaf = true;
      // Silence is no consent any more.
      clearTimeout(this.#settle);
    });
    // For the socket's whole life: a late alert or a renegotiation that fails must never be an uncaught error.
    socket.on('error', (error) => {
      this.#lastError = error;
      this.#refuse();
    });
    if (negotiated.protocol !== 'TLSv1.3' || negotiated.resumed) {
      this.consent = 'confirmed';
      this.#told = true;
      return;
    }
    this.consent = 'pending';
    this.#settle = setTimeout(() => this.confirm(), settled);
    socket.once('session', () => this.confirm());
    socket.once('end', () => this.#refuse());
    socket.once('close', () => this.#refuse());
  }

  /** Asked at the server's end: what it was in truth, if it was a reset. */
  get reset(): NodeJS.ErrnoException | undefined {
    return resetOf(this.#raw, this.socket);
  }

  /** The error that ended the socket, if one did. */
  get lastError(): NodeJS.ErrnoException | undefined {
    return this.#lastError;
  }

  /**
   * Bytes that have been written and that the kernel has not taken yet. It is what Node goes by when a socket's own time-out is over, and
   * public nowhere; a test sees it fall on each Node.
   */
  get unsent(): number {
    return (
      (this.#raw as { readonly _handle?: { readonly writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0
    );
  }

  /** From now on the server's end leaves our side open: what is no longer HTTP may go on one way. */
  keepHalfOpen(): void {
    this.socket.allowHalfOpen = true;
    // Where a witness stands between them, it is the TCP socket that would end.
    this.#raw.allowHalfOpen = true;
  }

  /** Something that only a server which accepts us sends has come, or the settle time is over. */
  confirm(): void {
    if (this.consent === 'pending') this.#decide('confirmed');
  }

  /** Calls back once consent is no longer pending: at once if it is not, otherwise when it is safe to write. */
  whenDecided(callback: () => void): void {
    if (this.#told) callback();
    else this.#waiting.push(callback);
  }

  #refuse(): void {
    if (this.consent !== 'pending') return;
    const failure: AttemptFailure = { stage: 'verified', error: this.#lastError };
    this.refusal = judge(failure);
    this.#decide('refused');
  }

  #decide(consent: 'confirmed' | 'refused'): void {
    clearTimeout(this.#settle);
    this.consent = consent;
    // Not within the event: OpenSSL may still be reading then, and a write from there breaks the connection's records.
    setImmediate(() => {
      this.#told = true;
      for (const callback of this.#waiting) callback();
      this.#waiting = [];
    });
  }
}
