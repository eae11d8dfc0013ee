import { once } from 'node:events';
import type { Timeouts, Version } from '../config/config.ts';
import type { Cause, Outcome } from '../errors.ts';
import { alertNames } from './alerts.ts';
import type { Destination } from './dial.ts';
import type { AttemptFailure, Verdict } from './failure.ts';
import { attempt } from './handshake.ts';
import { HandshakeWitness } from './handshake-witness.ts';
import type { ServerIdentity } from './identity.ts';
import type { SecureConnection } from './secure-connection.ts';
import type { GroupSet, Proposal } from './survey-plan.ts';
import { judge } from './verdict.ts';

/** Where a survey goes and whom it expects there. */
export interface Place extends Destination {
  readonly identity: ServerIdentity;
  readonly timeouts: Pick<Timeouts, 'connect' | 'handshake'>;
}

/** What is proposed in one handshake. */
export interface Trial {
  readonly version: Version;
  readonly groups: GroupSet;
  /** Whether our client certificate is at hand, should the server ask for one. */
  readonly clientCertificate: boolean;
  /** Whether a session of an earlier handshake is offered. */
  readonly resuming: boolean;
}

/** What one handshake showed. What is not known is left out. */
export interface Handshake extends Trial {
  /**
   * `confirmed`: the server has accepted us. `unverified`: the handshake was completed, but the server's certificate
   * does not verify. `failed`: all else; where `protocol` is known the server does speak the version.
   */
  readonly result: 'confirmed' | 'unverified' | 'failed';
  readonly outcome: Outcome;
  readonly code?: string;
  readonly alert?: number;
  readonly cause?: Cause;
  /** What to change, as a clause. */
  readonly hint?: string;
  /** The version that was agreed on. */
  readonly protocol?: string;
  /** IANA's name of the cipher suite. */
  readonly cipher?: string;
  /** OpenSSL's name of it, as the key `ciphers` takes it. */
  readonly opensslCipher?: string;
  /** Key-exchange group as the key `groups` takes it. */
  readonly group?: string;
  /** The protocol that the server chose by ALPN; null: none. */
  readonly alpn?: string | null;
  /** Whether the server asked for a client certificate in the handshake. */
  readonly certificateRequested?: boolean;
  /** Whether the session was resumed; only where one was offered. */
  readonly resumed?: boolean;
  /** SHA-256 of the server's certificate, as in the survey's `certificates`. */
  readonly serverCertificate?: string;
  /** Whole milliseconds from the first SYN to the end of the handshake. */
  readonly ms: number;
}

/** A handshake with what only the survey itself needs. */
export interface Observed {
  readonly handshake: Handshake;
  readonly witness: HandshakeWitness;
  /** The first session that the server gave out. */
  readonly session: Buffer | undefined;
  /** Undefined unless the server's certificate did not verify. */
  readonly distrust: NodeJS.ErrnoException | undefined;
  /** Whether a TCP connection came about, all the way to the server. */
  readonly connected: boolean;
}

/** Milliseconds for a late refusal: nobody's request waits here, and an answer that is wrong costs more than time. */
const patience = 1_000;

/**
 * Makes one handshake, waits until the server has accepted or refused us, and closes the connection.
 *
 * @param session what to resume; undefined: a full handshake
 * @throws the signal's reason, and nothing else
 */
export async function observe(
  place: Place,
  trial: Omit<Trial, 'resuming'>,
  { offer, context }: Exclude<Proposal['ready'], { message: string }>,
  alpn: readonly string[],
  session: Buffer | undefined,
  signal: AbortSignal,
): Promise<Observed> {
  const witness = new HandshakeWitness(place.identity, alpn);
  let given: Buffer | undefined;
  const onSession = (each: Buffer): void => {
    given ??= each;
  };
  const result = await attempt({ ...place, offer, context, session, onSession, witness, patience }, signal);
  const failure = 'failure' in result ? result.failure : await refusalOf(result.connection);
  const handshake: Handshake = {
    ...trial,
    resuming: session !== undefined,
    ...outcomeOf(failure, witness.certificateRequested, trial.clientCertificate),
    ...seen(witness),
    ...(session !== undefined && 'connection' in result && { resumed: result.connection.negotiated.resumed }),
    ms: result.ms,
  };
  const distrust = failure?.untrusted === true ? failure.error : undefined;
  const observed = { handshake, witness, session: given, distrust, connected: failure?.stage !== 'tcp' };
  // Only now: what either side sends in farewell is no part of it.
  if ('connection' in result) await close(result.connection);
  return observed;
}

/** Waits for the server's consent. @returns how it refused us; undefined if it did not */
async function refusalOf(connection: SecureConnection): Promise<AttemptFailure | undefined> {
  await new Promise<void>((resolve) => connection.whenDecided(resolve));
  return connection.consent === 'refused' ? { stage: 'verified', error: connection.lastError } : undefined;
}

/** Says farewell and waits until the connection is gone: small devices take one at a time. */
async function close({ socket }: SecureConnection): Promise<void> {
  if (socket.closed) return;
  const closed = once(socket, 'close');
  socket.destroySoon();
  await closed;
}

function outcomeOf(failure: AttemptFailure | undefined, requested: boolean | undefined, ours: boolean) {
  if (failure === undefined) return { result: 'confirmed', outcome: 'ok' } as const;
  const { outcome, code, alert, cause, hint } = sharpen(judge(failure), requested, ours);
  return {
    result: failure.untrusted === true ? 'unverified' : 'failed',
    outcome,
    code,
    ...(alert !== undefined && { alert }),
    cause,
    ...(hint !== undefined && { hint }),
  } as const;
}

/** Says more of a refusal by what the survey knows besides: whether we were asked for a certificate and had one. */
function sharpen(verdict: Verdict, requested: boolean | undefined, ours: boolean): Verdict {
  if (verdict.cause !== 'client-certificate' || requested === undefined) return verdict;
  if (requested && !ours) {
    const { alert, outcome } = verdict;
    const how = alert === undefined ? outcome : `alert ${alertNames[alert]}`;
    return {
      ...verdict,
      hint: `it demands a client certificate (${how}); name one with \`cert\` and \`key\` on a route`,
    };
  }
  if (requested || verdict.alert !== undefined) return verdict;
  const hint = 'it ended the connection at the end of the handshake, though it had asked for no client certificate';
  return { ...verdict, cause: 'server-fault', hint };
}

function seen(witness: HandshakeWitness) {
  const { protocol, cipher, group, chosen, certificateRequested, certificate } = witness;
  if (protocol === undefined) return {};
  return {
    protocol,
    ...(cipher !== undefined && { cipher: cipher.standardName, opensslCipher: cipher.name }),
    ...(group !== undefined && { group }),
    ...(chosen !== undefined && { alpn: chosen }),
    ...(certificateRequested !== undefined && { certificateRequested }),
    ...(certificate !== undefined && { serverCertificate: certificate.fingerprint256 }),
  };
}
