import { alertOf, judgeAlert } from './alerts.ts';
import { distrust, weak } from './distrust.ts';
import type { AttemptFailure, Judgement, Verdict } from './failure.ts';
import { judgeVia } from './via-verdict.ts';

const plaintext: Judgement = {
  action: 'stop',
  outcome: 'plaintext',
  cause: 'tls-policy',
  hint: 'the upstream answered with something that is not TLS; set the port of its TLS listener in `upstream`',
};
const version: Judgement = { action: 'next', outcome: 'version', cause: 'tls-version' };
const strength: Judgement = { action: 'stop', outcome: 'policy', cause: 'tls-policy', hint: weak };
const refused: Judgement = {
  action: 'stop',
  outcome: 'refused',
  cause: 'refused',
  hint: 'nothing listens there; check host and port of `upstream`',
};
const unreachable: Judgement = {
  action: 'stop',
  outcome: 'unreachable',
  cause: 'unreachable',
  hint: 'check the network path to it (route, firewall, VPN)',
};
const dns: Judgement = {
  action: 'stop',
  outcome: 'dns',
  cause: 'dns',
  hint: 'its name does not resolve on this machine; check `upstream` and the resolver',
};
const exhausted: Judgement = {
  action: 'stop',
  outcome: 'failed',
  cause: 'overloaded',
  hint: 'this process is out of file descriptors; raise its limit (`ulimit -n`)',
};

/** Failures that Node or OpenSSL name by a code, whatever the stage. */
const byCode: Readonly<Record<string, Judgement>> = {
  ECONNREFUSED: refused,
  ENOENT: refused,
  ENOTFOUND: dns,
  EAI_AGAIN: dns,
  EAI_FAIL: dns,
  EAI_NODATA: dns,
  EAI_NONAME: dns,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETDOWN: unreachable,
  EADDRNOTAVAIL: unreachable,
  EACCES: unreachable,
  EPERM: unreachable,
  EMFILE: exhausted,
  ENFILE: exhausted,
  ETIMEDOUT: { action: 'stop', outcome: 'timeout', cause: 'timeout', hint: 'it did not answer in time' },
  // Despite its name this says that the first bytes were no TLS record at all.
  ERR_SSL_WRONG_VERSION_NUMBER: plaintext,
  ERR_SSL_HTTP_REQUEST: plaintext,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plaintext,
  ERR_SSL_UNKNOWN_PROTOCOL: plaintext,
  ERR_SSL_UNSUPPORTED_PROTOCOL: version,
  ERR_SSL_WRONG_SSL_VERSION: version,
  ERR_SSL_BAD_PROTOCOL_VERSION_NUMBER: version,
  ERR_SSL_VERSION_TOO_LOW: version,
  ERR_SSL_VERSION_TOO_HIGH: version,
  ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED: version,
  // Our own library found the sentinel of RFC 8446 section 4.1.3: somebody removed a version that both sides have.
  ERR_SSL_INAPPROPRIATE_FALLBACK: {
    action: 'stop',
    outcome: 'version',
    cause: 'tls-version',
    hint: 'the upstream says that it speaks a higher version than the one it was made to choose: something between changes the handshake',
  },
  ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED: {
    action: 'stop',
    outcome: 'policy',
    cause: 'tls-policy',
    hint: 'the upstream does not know secure renegotiation (RFC 5746); set `legacyServerConnect: true` on this route',
  },
  ERR_SSL_DH_KEY_TOO_SMALL: strength,
  ERR_SSL_EE_KEY_TOO_SMALL: strength,
  ERR_SSL_CA_KEY_TOO_SMALL: strength,
  ERR_SSL_CA_MD_TOO_WEAK: strength,
  ERR_SSL_NO_CIPHERS_AVAILABLE: unusable('ciphers'),
  ERR_SSL_NO_SUITABLE_GROUPS: unusable('groups'),
};

/** OpenSSL sent nothing, because it could not make a ClientHello of what the route allows. */
function unusable(key: 'ciphers' | 'groups'): Judgement {
  const hint = `nothing was sent, for none of this route's \`${key}\` can be used with the versions offered; change \`${key}\` or \`versions\``;
  return { action: 'stop', outcome: 'policy', cause: 'tls-policy', hint };
}

/** The codes that decide by themselves. */
export const codesByName: readonly string[] = Object.keys(byCode);

/**
 * Decides what follows from a failed attempt: the next offer, or the end with a cause (the ladder's rules).
 *
 * Only what happens before our certificate went out can be the version's fault. A reset after it, whatever the version,
 * is the certificate's: going on would offer a lower version to a server that refuses us at any.
 */
export function judge(failure: AttemptFailure): Verdict {
  const { stage } = failure;
  const error = failure.error && first(failure.error);
  const code = codeOf(failure, error);
  if (failure.via !== undefined) return judgeVia(failure.via, code, byCode[code]?.cause);
  if (failure.timedOut) {
    const which = stage === 'tcp' ? '`timeouts.connect`' : '`timeouts.handshake`';
    const hint = `it did not answer within ${which}; a server that is silent is not one that lacks a version`;
    return { action: 'stop', outcome: 'timeout', cause: 'timeout', code, hint };
  }
  if (failure.sentinel !== undefined) {
    const hint = failure.unlisted
      ? `it says that it speaks ${failure.sentinel} or better: add that to \`versions\`; TLS 1.1 and below are refused with a server that could do better`
      : `it says that it speaks ${failure.sentinel}, but that offer failed: something on the way interferes with it; find that, or set \`downgrade: warn\` to go on with TLS 1.2 (below that it is always refused)`;
    return { action: 'stop', outcome: 'downgrade', cause: 'tls-version', code: 'DOWNGRADE_SENTINEL', hint };
  }
  if (failure.untrusted) return { action: 'stop', code, ...distrust(error, code) };

  const alert = alertOf(error);
  if (alert !== undefined) return { code, alert, ...judgeAlert(alert, stage) };

  const row = byCode[code];
  if (row !== undefined) return { code, ...row, ...(stage === 'certificate' || stage === 'verified' ? stop : {}) };

  const gone = goneOf(error);
  if (gone === undefined) {
    return { action: 'stop', outcome: 'failed', cause: stage === 'tcp' ? 'unreachable' : 'tls-policy', code };
  }
  if (stage === 'certificate' || stage === 'verified') {
    return { action: 'stop', outcome: gone, cause: 'client-certificate', code, hint: refusedCertificate };
  }
  return { action: 'next', outcome: gone, cause: 'tls-version', code };
}

/** Whatever it was: behind our certificate no other offer is made. */
const stop = { action: 'stop' } as const;

const refusedCertificate =
  'it ended the connection right after our certificate; use a certificate it accepts (`cert`, `key`), or, if it asks for one only later, pin `versions: [TLSv1.2]`';

/** Tells a reset from a close: Node gives both ECONNRESET, and a system call only to the reset. */
function goneOf(error: NodeJS.ErrnoException | undefined): 'reset' | 'close' | undefined {
  if (error === undefined) return 'close';
  if (error.code === 'EPIPE' || error.code === 'ECONNABORTED') return 'reset';
  if (error.code !== 'ECONNRESET') return undefined;
  return error.syscall === undefined ? 'close' : 'reset';
}

function codeOf({ timedOut }: AttemptFailure, error: NodeJS.ErrnoException | undefined): string {
  if (timedOut) return 'ETIMEDOUT';
  if (error === undefined) return 'ECONNRESET';
  return error.code ?? 'UNSPECIFIED';
}

/** Several addresses give an AggregateError; the first one that is not a refusal says more than the rest. */
function first(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  const all: unknown = (error as { errors?: unknown }).errors;
  if (!Array.isArray(all)) return error;
  const errors = all as NodeJS.ErrnoException[];
  return errors.find(({ code }) => code !== 'ECONNREFUSED') ?? errors[0] ?? error;
}
