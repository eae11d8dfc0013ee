import type { Version } from '../config/config.ts';
import type { Cause, Outcome } from '../errors.ts';
import type { ViaProgress } from './via-tunnel.ts';

/**
 * How far an attempt had come when it failed (each includes those before it).
 * `tcp`: no TCP connection or, through a CONNECT proxy, no tunnel yet. `hello`: our ClientHello is out and nothing came
 * back. `answered`: the server sent something. `certificate`: the flight that carries our certificate is out. `verified`:
 * handshake complete on our side and the server's certificate checked.
 */
export type Stage = 'tcp' | 'hello' | 'answered' | 'certificate' | 'verified';

/** What `judge` is told of a failed attempt. */
export interface AttemptFailure {
  readonly stage: Stage;
  /** Our own timer ran out. */
  readonly timedOut?: boolean;
  /** The server's certificate, its name or its pin did not verify; `error` says how. */
  readonly untrusted?: boolean;
  /** The server says that it speaks this version, though an offer of it failed, and that is not to be put up with. */
  readonly sentinel?: Version;
  /** With a `sentinel`: the route has no such version, so that no offer of it can have failed. */
  readonly unlisted?: boolean;
  /** How far the CONNECT proxy had come, as long as it was its turn. */
  readonly via?: ViaProgress;
  /** Node's error; undefined for a bare close. */
  readonly error?: NodeJS.ErrnoException | undefined;
}

/** What a failure means. */
export interface Judgement {
  readonly action: 'next' | 'stop';
  readonly outcome: Outcome;
  /** The cause of the failure if the ladder ends here. */
  readonly cause: Cause;
  /** What to change, as a clause; undefined where only the list of attempts can say it. */
  readonly hint?: string;
}

/** What follows from a failed attempt: what `judge` (verdict.ts) makes of it, and `explain` puts into words. */
export interface Verdict extends Judgement {
  /** Node's or OpenSSL's. */
  readonly code: string;
  /** The number of the server's alert, if it sent one. */
  readonly alert?: number;
}
