import t from 'tap';
import type { Cause, Outcome } from '../../src/errors.ts';
import { alertNames, alertOf } from '../../src/tls/alerts.ts';
import type { AttemptFailure, Stage } from '../../src/tls/failure.ts';
import { judge } from '../../src/tls/verdict.ts';

const stages: readonly Stage[] = ['tcp', 'hello', 'answered', 'certificate', 'verified'];
const beforeCertificate: readonly Stage[] = ['tcp', 'hello', 'answered'];
const afterCertificate: readonly Stage[] = ['certificate', 'verified'];

/** An error as Node makes it. */
function failed(code: string | undefined, message = '', more: object = {}): NodeJS.ErrnoException {
  return Object.assign(new Error(message), code === undefined ? {} : { code }, more);
}

/** An alert as OpenSSL puts it, under a name that differs between Node's versions. */
function alert(number: number, code = 'ERR_SSL_ANY'): NodeJS.ErrnoException {
  return failed(
    code,
    `0011:error:0A000410:SSL routines::any:ssl/record/rec_layer_s3.c:1605:SSL alert number ${number}\n`,
  );
}

const reset = failed('ECONNRESET', 'read ECONNRESET', { errno: -104, syscall: 'read' });
const closedEarly = failed(
  'ECONNRESET',
  'Client network socket disconnected before secure TLS connection was established',
);

t.test('a reset and a close are the offer, until our certificate went out', async (t) => {
  const ends: readonly [NodeJS.ErrnoException | undefined, Outcome][] = [
    [reset, 'reset'],
    [failed('ECONNRESET', 'connect ECONNRESET', { syscall: 'connect' }), 'reset'],
    [failed('EPIPE', 'write EPIPE', { syscall: 'write' }), 'reset'],
    [failed('ECONNABORTED', '', { syscall: 'read' }), 'reset'],
    [closedEarly, 'close'],
    [undefined, 'close'],
  ];
  for (const [error, outcome] of ends) {
    for (const stage of beforeCertificate) {
      t.match(judge({ stage, error }), { action: 'next', outcome, cause: 'tls-version', hint: undefined }, stage);
    }
    for (const stage of afterCertificate) {
      const verdict = judge({ stage, error });
      t.match(
        verdict,
        { action: 'stop', outcome, cause: 'client-certificate', code: error?.code ?? 'ECONNRESET' },
        stage,
      );
      t.match(verdict.hint, /right after our certificate.*`cert`.*pin `versions: \[TLSv1\.2\]`/);
    }
  }
});

t.test('a time-out stops the ladder and names its setting', async (t) => {
  for (const stage of stages) {
    const verdict = judge({ stage, timedOut: true });
    t.match(verdict, { action: 'stop', outcome: 'timeout', cause: 'timeout', code: 'ETIMEDOUT' });
    t.match(verdict.hint, stage === 'tcp' ? '`timeouts.connect`' : '`timeouts.handshake`');
  }
});

t.test('every code that has a row: none leads on once our certificate is out', async (t) => {
  const rows: readonly [codes: readonly string[], 'next' | 'stop', Outcome, Cause, hint?: RegExp][] = [
    [['ECONNREFUSED', 'ENOENT'], 'stop', 'refused', 'refused', /host and port/],
    [['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'], 'stop', 'dns', 'dns', /does not resolve/],
    [
      ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'],
      'stop',
      'unreachable',
      'unreachable',
      /network path/,
    ],
    [['EMFILE', 'ENFILE'], 'stop', 'failed', 'overloaded', /ulimit -n/],
    [['ETIMEDOUT'], 'stop', 'timeout', 'timeout', /in time/],
    [
      [
        'ERR_SSL_WRONG_VERSION_NUMBER',
        'ERR_SSL_HTTP_REQUEST',
        'ERR_SSL_PACKET_LENGTH_TOO_LONG',
        'ERR_SSL_UNKNOWN_PROTOCOL',
      ],
      'stop',
      'plaintext',
      'tls-policy',
      /not TLS.*port/,
    ],
    [
      [
        'ERR_SSL_UNSUPPORTED_PROTOCOL',
        'ERR_SSL_WRONG_SSL_VERSION',
        'ERR_SSL_BAD_PROTOCOL_VERSION_NUMBER',
        'ERR_SSL_VERSION_TOO_LOW',
        'ERR_SSL_VERSION_TOO_HIGH',
        'ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED',
      ],
      'next',
      'version',
      'tls-version',
    ],
    [['ERR_SSL_INAPPROPRIATE_FALLBACK'], 'stop', 'version', 'tls-version', /something between changes/],
    [['ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED'], 'stop', 'policy', 'tls-policy', /`legacyServerConnect: true`/],
    [
      ['ERR_SSL_DH_KEY_TOO_SMALL', 'ERR_SSL_EE_KEY_TOO_SMALL', 'ERR_SSL_CA_KEY_TOO_SMALL', 'ERR_SSL_CA_MD_TOO_WEAK'],
      'stop',
      'policy',
      'tls-policy',
      /`ciphers: "DEFAULT@SECLEVEL=0"`/,
    ],
    [['ERR_SSL_NO_CIPHERS_AVAILABLE'], 'stop', 'policy', 'tls-policy', /none of this route's `ciphers` .*; change/],
    [['ERR_SSL_NO_SUITABLE_GROUPS'], 'stop', 'policy', 'tls-policy', /none of this route's `groups` .*; change/],
  ];
  for (const [codes, action, outcome, cause, hint] of rows) {
    for (const code of codes) {
      for (const stage of stages) {
        const verdict = judge({ stage, error: failed(code) });
        const rightly = beforeCertificate.includes(stage) ? action : 'stop';
        t.match(verdict, { action: rightly, outcome, cause, code }, `${code} at ${stage}`);
        if (hint === undefined) t.equal(verdict.hint, undefined);
        else t.match(verdict.hint, hint);
      }
    }
  }
});

t.test('what no row knows stops the ladder', async (t) => {
  t.match(judge({ stage: 'tcp', error: failed('EWHATEVER') }), {
    action: 'stop',
    outcome: 'failed',
    cause: 'unreachable',
  });
  for (const stage of stages.slice(1)) {
    const verdict = judge({ stage, error: failed('ERR_SSL_WHATEVER') });
    t.match(verdict, { action: 'stop', outcome: 'failed', cause: 'tls-policy', code: 'ERR_SSL_WHATEVER' });
  }
  t.equal(judge({ stage: 'hello', error: failed(undefined, 'mac verify failure') }).code, 'UNSPECIFIED');
});

t.test('alerts', async (t) => {
  const aboutTheOffer = new Set([10, 40, 47, 50, 70, 71, 80]);
  const aboutUs = new Set([41, 42, 43, 44, 45, 46, 48, 49, 51, 116]);

  await t.test('every number, at every stage', async (t) => {
    for (let number = 0; number < 256; number += 1) {
      for (const stage of stages) {
        const verdict = judge({ stage, error: alert(number) });
        t.match(verdict, { outcome: 'alert', alert: number, code: 'ERR_SSL_ANY' });
        const ours = aboutUs.has(number) || (aboutTheOffer.has(number) && afterCertificate.includes(stage));
        const next = aboutTheOffer.has(number) && beforeCertificate.includes(stage);
        const cause = ours ? 'client-certificate' : next || number === 86 ? 'tls-version' : 'tls-policy';
        const where = `alert ${number} at ${stage}`;
        t.equal(verdict.action, next ? 'next' : 'stop', where);
        t.equal(verdict.cause, cause, where);
        t.equal(verdict.hint === undefined, next, where);
      }
    }
  });

  await t.test('each that has a way out of its own names it', async (t) => {
    const hints: readonly [number, RegExp][] = [
      [86, /something between resets/],
      [112, /`servername`/],
      [120, /application protocols/],
      [116, /alert certificate_required.*`cert` and `key`/],
      [41, /alert no_certificate.*`cert` and `key`/],
      [44, /revoked; ask its issuer.*certificate_revoked/],
      [45, /expired; renew it.*certificate_expired/],
      [48, /authority.*intermediates in `cert`.*unknown_ca/],
      [42, /name a client certificate that it accepts with .* \(alert bad_certificate\)/],
      [109, /alert missing_extension/],
      [233, /alert 233/],
    ];
    for (const [number, hint] of hints) t.match(judge({ stage: 'answered', error: alert(number) }).hint, hint);
    t.match(judge({ stage: 'verified', error: alert(40) }).hint, /handshake_failure/);
  });

  await t.test('by number, because names differ: Node 20, and 22 and later', async (t) => {
    const names: readonly [string, number][] = [
      ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 40],
      ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 40],
      ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 70],
      ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 48],
      ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 42],
      ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 42],
      ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 116],
      ['EPROTO', 40],
    ];
    for (const [code, number] of names) {
      t.match(judge({ stage: 'answered', error: alert(number, code) }), { alert: number, code }, code);
    }
  });

  await t.test('an alert wins over the row of its code', async (t) => {
    t.match(judge({ stage: 'answered', error: alert(70, 'ERR_SSL_WRONG_VERSION_NUMBER') }), {
      action: 'next',
      alert: 70,
    });
  });

  t.equal(alertOf(undefined), undefined);
  t.equal(alertOf(reset), undefined);
  t.equal(alertNames[70], 'protocol_version');
});

t.test('a server that does not verify', async (t) => {
  const rows: readonly [string, RegExp][] = [
    ['CERT_HAS_EXPIRED', /has expired.*clock/],
    ['CERT_NOT_YET_VALID', /not valid yet/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /self-signed.*name that certificate in `ca`/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /name that root in `ca`/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /issuer.*intermediate/],
    ['UNABLE_TO_GET_ISSUER_CERT', /issuer.*intermediate/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /issuer.*intermediate/],
    ['CERT_REVOKED', /revocation list in `crl`/],
    ['UNABLE_TO_GET_CRL', /`crl` has no revocation list/],
    ['CRL_HAS_EXPIRED', /fetch the current one/],
    ['CRL_NOT_YET_VALID', /fetch the current one/],
    ['INVALID_PURPOSE', /not made for servers/],
    ['CERT_UNTRUSTED', /does not verify \(CERT_UNTRUSTED\)/],
  ];
  for (const [code, hint] of rows) {
    const verdict = judge({ stage: 'verified', untrusted: true, error: failed(code, 'certificate trouble') });
    t.match(verdict, { action: 'stop', outcome: 'server-certificate', cause: 'server-certificate', code, hint });
  }
  const by = (error: NodeJS.ErrnoException | undefined) => judge({ stage: 'verified', untrusted: true, error }).hint;
  const name = failed('ERR_TLS_CERT_ALTNAME_INVALID', 'long', { reason: 'Host: a. is not in the cert' });
  t.match(by(name), /another name \(Host: a\. is not in the cert\).*`servername`/);
  const coloured = failed('ERR_TLS_CERT_ALTNAME_INVALID', '', { reason: "not cert's CN: \x1b[31mred" });
  t.match(by(coloured), /CN: \?\[31mred\)/, 'a name of somebody else is nothing that a terminal obeys');
  t.match(by(failed('ERR_TLS_CERT_ALTNAME_INVALID', 'only a message')), /only a message/);
  t.equal(by(failed('ERR_TLS_PIN_MISMATCH', 'pin "x"')), 'pin "x"');
  t.match(by(undefined), /does not verify/);

  for (const message of ['EE certificate key too weak', 'CA signature digest algorithm too weak']) {
    const verdict = judge({ stage: 'verified', untrusted: true, error: failed('UNSPECIFIED', message) });
    t.match(verdict, { action: 'stop', outcome: 'policy', cause: 'tls-policy', hint: /SECLEVEL=0/ });
  }
});

t.test('several addresses: the first that says more than refused', async (t) => {
  const refused = failed('ECONNREFUSED', 'connect ECONNREFUSED ::1:1');
  const several = (...errors: Error[]): AttemptFailure => ({
    stage: 'tcp',
    error: Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' }),
  });
  t.match(judge(several(refused, refused)), { cause: 'refused', code: 'ECONNREFUSED' });
  t.match(judge(several(refused, failed('EHOSTUNREACH'))), { cause: 'unreachable', code: 'EHOSTUNREACH' });
  t.match(judge(several(refused, failed('ETIMEDOUT'))), { cause: 'timeout', code: 'ETIMEDOUT' });
  t.match(judge(several()), { cause: 'refused' });
});
