import t from 'tap';
import type { Attempt } from '../../src/errors.ts';
import { explain } from '../../src/tls/explain.ts';
import type { Verdict } from '../../src/tls/failure.ts';

const upstream = { hostname: 'device.test', port: 8743 };
const verdict = (part: Partial<Verdict>): Verdict => ({
  action: 'stop',
  outcome: 'failed',
  cause: 'tls-version',
  code: 'ECONNRESET',
  ...part,
});

t.test('every offer refused: each is told with what came of it', async (t) => {
  const attempts: Attempt[] = [
    { offer: 'TLSv1.3+TLSv1.2', outcome: 'reset', code: 'ECONNRESET', ms: 12 },
    { offer: 'TLSv1.2', outcome: 'alert', code: 'ERR_SSL_X', alert: 40, ms: 3 },
    { offer: 'TLSv1.1', outcome: 'alert', code: 'ERR_SSL_Y', alert: 70, ms: 3 },
    { offer: 'TLSv1', outcome: 'version', code: 'ERR_SSL_UNSUPPORTED_PROTOCOL', ms: 3 },
  ];
  const error = explain(verdict({}), attempts, upstream);
  t.match(error, { code: 'tls-version', status: 502, error: 'tls_protocol_error', source: 'upstream' });
  t.equal(error.attempts, attempts);
  t.equal(
    error.message,
    'device.test:8743 accepted none of what this route may offer (TLSv1.3+TLSv1.2: reset, TLSv1.2: alert handshake_failure, ' +
      'TLSv1.1: it does not speak that (protocol_version), TLSv1: it does not speak that (ERR_SSL_UNSUPPORTED_PROTOCOL)); ' +
      'add the version it speaks to `versions`, if you may',
  );
});

t.test('a hint is the sentence, whatever the cause', async (t) => {
  const hinted = explain(verdict({ hint: 'something between' }), [], upstream);
  t.match(hinted, { code: 'tls-version', message: 'device.test:8743: something between' });
  t.match(explain(verdict({ cause: 'dns', hint: 'no such name' }), [], upstream), { error: 'dns_error' });
  const bare = explain(verdict({ cause: 'tls-policy', code: 'ERR_SSL_Z' }), [], upstream);
  t.equal(bare.message, 'device.test:8743: the handshake failed (ERR_SSL_Z)');
});

t.test('a refused certificate has two types: an alert, and a connection that ends', async (t) => {
  const by = (outcome: Verdict['outcome']) => explain(verdict({ cause: 'client-certificate', outcome }), [], upstream);
  t.equal(by('alert').error, 'tls_alert_received');
  t.equal(by('reset').error, 'connection_terminated');
  t.equal(by('close').error, 'connection_terminated');
});
