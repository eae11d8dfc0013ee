import t from 'tap';
import type { Attempt } from '../../src/errors.ts';
import { type Loss, lossOf, refusalOf } from '../../src/proxy/loss.ts';
import type { Verdict } from '../../src/tls/failure.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';

const attempts: Attempt[] = [
  { offer: 'TLSv1.3', outcome: 'reset', code: 'ECONNRESET', ms: 2 },
  { offer: 'TLSv1.2', outcome: 'ok', ms: 3 },
];
const secure = { attempts, refusal: undefined } as unknown as SecureConnection;
const upstream = { hostname: 'device.test', port: 443 } as Loss['upstream'];
const loss: Loss = {
  secure,
  upstream,
  name: 'device.test:443',
  reused: false,
  answered: false,
  bytesSeen: 0,
  error: undefined,
};
const refusal: Verdict = {
  action: 'stop',
  outcome: 'close',
  cause: 'client-certificate',
  code: 'ECONNRESET',
  hint: 'use another',
};
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
const alert = Object.assign(new Error('…:SSL alert number 46'), { code: 'ERR_SSL_TLSV1_ALERT_CERTIFICATE_UNKNOWN' });

t.test('a response that had begun', async (t) => {
  t.match(lossOf({ ...loss, answered: true, bytesSeen: 40, error: reset }), { code: 'bad-response', cause: reset });
  t.match(lossOf({ ...loss, bytesSeen: 4 }), { code: 'bad-response', error: 'http_response_incomplete' });
});

t.test('a refusal of our certificate, known before', async (t) => {
  const refused = { attempts, refusal } as unknown as SecureConnection;
  t.match(lossOf({ ...loss, secure: refused, reused: true }), { code: 'client-certificate', message: /use another/ });
});

t.test('an alert that comes only now', async (t) => {
  const found = lossOf({ ...loss, error: alert });
  t.match(found, { code: 'client-certificate', error: 'tls_alert_received', message: /certificate_unknown/ });
  t.same(found.attempts, [attempts[0], { ...attempts[1], outcome: 'alert', code: alert.code, alert: 46 }]);
  t.match(lossOf({ ...loss, error: alert, reused: true }), { code: 'client-certificate' }, 'on a kept connection too');
});

t.test('a refusal is how the last attempt ended, and no other', async (t) => {
  const found = refusalOf(refusal, { secure, upstream });
  t.same(found.attempts, [attempts[0], { ...attempts[1], outcome: 'close', code: 'ECONNRESET' }]);
  t.equal(found.error, 'connection_terminated');
});

t.test('silence', async (t) => {
  t.match(lossOf({ ...loss, error: reset }), { code: 'server-fault', attempts, cause: reset });
  t.match(lossOf({ ...loss, reused: true }), { code: 'stale-connection', attempts: [], cause: undefined });
});
