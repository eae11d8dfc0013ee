import type { Version } from '../config/config.ts';
import type { Cause, Outcome } from '../errors.ts';
import { visible } from './distinguished-name.ts';
import type { ViaProgress } from './via.ts';
import { judgeVia } from './via-verdict.ts';

/**
 * How far an attempt had come when it failed (each includes those before it).
 * `tcp`: no TCP connection or, through a CONNECT proxy, no tunnel yet. `hello`: our ClientHello is out and nothing came back. `answered`: the server sent
 * something. `certificate`: the flight that carries our certificate is out. `verified`: handshake complete on our side
 * and the server's certificate checked.
 */
export type Stage = 'tcp' | 'hello' | 'answered' | 'certificate' | 'verified';

/** What {@link judge} is told of a failed attempt. */
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

/** What follows from a failed attempt. */
export interface Verdict {
  readonly action: 'next' | 'stop';
  readonly outcome: Outcome;
  /** The cause of the failure if the ladder ends here. */
  readonly cause: Cause;
  readonly code: string;
  readonly alert?: number;
  /** What to change, as a clause; undefined where only the list of attempts can say it. */
  readonly hint?: string;
}

/** Alert numbers of RFC 8446 section 6 and, for the older ones, RFC 5246 section 7.2. */
export const alertNames: Readonly<Record<number, string>> = {
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/** Alerts by which a server says, truly or not, that it cannot take this ClientHello. */
const alertsAboutTheOffer = new Set([10, 40, 47, 50, 70, 71, 80]);

/** Alerts that speak of the certificate we sent or did not send. */
const alertsAboutOurCertificate = new Set([41, 42, 43, 44, 45, 46, 48, 49, 51, 116]);

interface Row {
  readonly action: 'next' | 'stop';
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly hint?: string;
}

const weak =
  'the upstream uses a key, DH group or signature weaker than OpenSSL allows by default; if it must be so, set `ciphers: "DEFAULT@SECLEVEL=0"` on this route';
const plaintext: Row = {
  action: 'stop',
  outcome: 'plaintext',
  cause: 'tls-policy',
  hint: 'the upstream answered with something that is not TLS; set the port of its TLS listener in `upstream`',
};
const version: Row = { action: 'next', outcome: 'version', cause: 'tls-version' };
const strength: Row = { action: 'stop', outcome: 'policy', cause: 'tls-policy', hint: weak };
const refused: Row = {
  action: 'stop',
  outcome: 'refused',
  cause: 'refused',
  hint: 'nothing listens there; check host and port of `upstream`',
};
const unreachable: Row = {
  action: 'stop',
  outcome: 'unreachable',
  cause: 'unreachable',
  hint: 'check the network path to it (route, firewall, VPN)',
};
const dns: Row = {
  action: 'stop',
  outcome: 'dns',
  cause: 'dns',
  hint: 'its name does not resolve on this machine; check `upstream` and the resolver',
};
const exhausted: Row = {
  action: 'stop',
  outcome: 'failed',
  cause: 'overloaded',
  hint: 'this process is out of file descriptors; raise its limit (`ulimit -n`)',
};

/** Failures that Node or OpenSSL name by a code, whatever the stage. */
const byCode: Readonly<Record<string, Row>> = {
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
function unusable(key: 'ciphers' | 'groups'): Row {
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

function judgeAlert(alert: number, stage: Stage): Row {
  const afterCertificate = stage === 'certificate' || stage === 'verified';
  if (alertsAboutOurCertificate.has(alert) || (afterCertificate && alertsAboutTheOffer.has(alert))) {
    return { action: 'stop', outcome: 'alert', cause: 'client-certificate', hint: certificateHint(alert) };
  }
  if (alertsAboutTheOffer.has(alert)) return { action: 'next', outcome: 'alert', cause: 'tls-version' };
  if (alert === 86) {
    const hint = 'it says that it speaks a higher version than this offer; something between resets the higher ones';
    return { action: 'stop', outcome: 'alert', cause: 'tls-version', hint };
  }
  if (alert === 112) {
    const hint = 'it does not know the server name (SNI) we sent; set `servername` on this route';
    return { action: 'stop', outcome: 'alert', cause: 'tls-policy', hint };
  }
  if (alert === 120) {
    const hint = 'it speaks none of our application protocols (HTTP/1.1); name an upstream that does';
    return { action: 'stop', outcome: 'alert', cause: 'tls-policy', hint };
  }
  const hint = `it sent the alert ${alertNames[alert] ?? alert}`;
  return { action: 'stop', outcome: 'alert', cause: 'tls-policy', hint };
}

function certificateHint(alert: number): string {
  const name = alertNames[alert];
  if (alert === 116 || alert === 41) {
    return `it demands a client certificate (alert ${name}); name one with \`cert\` and \`key\` on this route`;
  }
  const way: Readonly<Record<number, string>> = {
    44: 'it holds our certificate for revoked; ask its issuer for a new one',
    45: 'it holds our certificate for expired; renew it',
    48: 'it does not know the authority that issued our certificate; use one from an authority it trusts, with its intermediates in `cert`',
  };
  return `${way[alert] ?? 'name a client certificate that it accepts with `cert` and `key` on this route'} (alert ${name})`;
}

/** Verification failures: by X509_V_ERR name, Node's own codes, and ours. */
function distrust(error: NodeJS.ErrnoException | undefined, code: string): Omit<Row, 'action'> {
  const because = (hint: string) => ({ outcome: 'server-certificate', cause: 'server-certificate', hint }) as const;
  if (/too weak/.test(error?.message ?? '')) return { outcome: 'policy', cause: 'tls-policy', hint: weak };
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return because('its certificate has expired; its operator must renew it (is the clock of this machine right?)');
    case 'CERT_NOT_YET_VALID':
      return because('its certificate is not valid yet; is the clock of this machine right?');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return because(
        'its certificate is self-signed; if it is the right one, name that certificate in `ca` (`openssl s_client -connect HOST:PORT` prints it)',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return because('its chain ends in a root that `ca` does not have; name that root in `ca`');
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return because(
        'the issuer of its certificate is not known here: name that authority in `ca`; if its root is there already, the server does not send its intermediate certificate: its operator must add it, or name it in `ca` beside the root (`openssl x509 -noout -text` shows under "CA Issuers" where to fetch it)',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return because(
        `its certificate is for another name (${visible(reasonOf(error))}); set \`servername\` to a name that it bears`,
      );
    case 'ERR_TLS_PIN_MISMATCH':
    case 'ERR_TLS_NAME_ONLY_IN_CN':
      return because(reasonOf(error));
    case 'CERT_REVOKED':
      return because('its certificate is on the revocation list in `crl`');
    case 'UNABLE_TO_GET_CRL':
      return because('`crl` has no revocation list of an issuer in its chain; add one for each');
    case 'CRL_HAS_EXPIRED':
    case 'CRL_NOT_YET_VALID':
      return because('the revocation list in `crl` is not valid today; fetch the current one');
    case 'INVALID_PURPOSE':
      return because('its certificate is not made for servers (extended key usage)');
    default:
      return because(`its certificate does not verify (${code})`);
  }
}

function reasonOf(error: NodeJS.ErrnoException | undefined): string {
  const { reason, message } = error as Error & { reason?: unknown };
  return typeof reason === 'string' ? reason : message;
}

/** The number of the alert that the server sent: OpenSSL names differ between its versions, the number does not. */
export function alertOf(error: Error | undefined): number | undefined {
  const found = /SSL alert number (\d+)/.exec(error?.message ?? '');
  return found === null ? undefined : Number(found[1]);
}

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
