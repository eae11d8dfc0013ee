import type { Version } from '../config/config.ts';
import type { Attempt, Cause } from '../errors.ts';
import type { Offer } from './offers.ts';
import type { SecureConnection } from './secure-connection.ts';

/** What attempts for nobody came to: the cause that callers were given, or the version that was negotiated. */
export interface TriedEnd {
  readonly cause?: Cause;
  readonly protocol?: string;
  /** A higher offer was tried again in the background. */
  readonly trial?: true;
}

/** What a ladder knows of its upstream at the moment. */
export interface LadderState {
  /** The offers' names, the top first. */
  readonly offers: readonly string[];
  /** Number of the offer that the next connection begins with, if one is known to work; milliseconds for which it counts. */
  readonly remembered: { readonly index: number; readonly left: number } | undefined;
  /** The upstream was fallen back to a lower offer, and no higher one has worked since. */
  readonly lowered: Lowered | undefined;
  /** Milliseconds until higher offers are tried again in the background; undefined if they will not be. */
  readonly retryIn: number | undefined;
}

/** Why the upstream is spoken to by a lower offer. */
export interface Lowered {
  readonly index: number;
  /** When, in milliseconds of the epoch. */
  readonly at: number;
  /** The failure that made the ladder leave the top. */
  readonly first: Attempt;
  /** The higher version that the server says it speaks (RFC 8446 section 4.1.3), if it says so. */
  readonly sentinel: Version | undefined;
}

/** What a ladder tells those who log and count. */
export interface LadderObserver {
  /** A verified connection; `ms` counts from the first attempt. */
  handshake(connection: SecureConnection, ms: number): void;
  /** Attempts that gave nobody a connection: they failed, were given up, or were made in the background. */
  tried(attempts: readonly Attempt[], end: TriedEnd): void;
  /** A ladder ended below the offer it began with. `first` is the failure that made it leave the top. */
  fallback(from: Offer, to: Offer, first: Attempt): void;
  /** A higher offer works again. */
  recovered(connection: SecureConnection): void;
  /** A server that was fallen back to says that it speaks `sentinel`, a version above the one it was made to choose. */
  downgrade(connection: SecureConnection, sentinel: Version): void;
}
