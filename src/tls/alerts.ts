import type { Judgement, Stage } from './failure.ts';

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

/** The number of the alert that the server sent: OpenSSL names differ between its versions, the number does not. */
export function alertOf(error: Error | undefined): number | undefined {
  const found = /SSL alert number (\d+)/.exec(error?.message ?? '');
  return found === null ? undefined : Number(found[1]);
}

/** What an alert means that came at this stage. */
export function judgeAlert(alert: number, stage: Stage): Judgement {
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
