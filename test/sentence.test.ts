import t from 'tap';
import { painted, sentenceOf } from '../src/sentence.ts';

const iot = { route: 'iot', upstream: 'device.example:8743' };
const reset = { offer: 'TLSv1.3+TLSv1.2', outcome: 'reset', code: 'ECONNRESET', ms: 12 };
const ok = { offer: 'TLSv1.2', outcome: 'ok', ms: 13 };

/** Asserts what a line is in words. */
const reads = (name: string, msg: string, fields: object, words: string) =>
  t.test(name, async (t) => {
    t.equal(sentenceOf({ level: 30, time: 0, pid: 1, hostname: 'h', msg, ...fields }), words);
  });

reads('an address', 'listening', { address: '127.0.0.1:8080' }, 'listening on 127.0.0.1:8080');
reads('the admin listener', 'listening', { address: '[::1]:9901', admin: true }, 'listening on [::1]:9901 (admin)');

const request = {
  route: 'iot',
  method: 'GET',
  path: '/iot/devices',
  status: 200,
  ms: 12,
  bytesIn: 0,
  bytesOut: 1234,
  reused: true,
  protocol: 'TLSv1.3',
  cipher: 'x',
  attempts: 1,
  replayed: false,
};
reads(
  'a request',
  'request',
  request,
  'iot: GET /iot/devices answered 200 in 12 ms (TLSv1.3, kept connection, 1.23 kB)',
);
reads(
  'a request that failed, after a fallback and a replay',
  'request',
  {
    ...request,
    status: 502,
    ms: 12_345,
    bytesOut: 5_600_000,
    reused: false,
    attempts: 3,
    replayed: true,
    cause: 'client-certificate',
    detail: 'use another',
  },
  'iot: GET /iot/devices answered 502 in 12.3 s (TLSv1.3, 3 attempts, sent twice, 5.60 MB), client-certificate: use another',
);
reads(
  'a request without a route',
  'request',
  { method: 'GET', path: '/x', status: 404, ms: 1, bytesOut: 300, reused: false, attempts: 0, cause: 'no-route' },
  'GET /x answered 404 in 1 ms (300 B), no-route',
);
reads(
  'a client that left before the answer, and in it',
  'request',
  { ...request, status: 0, bytesOut: 0, aborted: true },
  'iot: GET /iot/devices given up by the client after 12 ms (TLSv1.3, kept connection, 0 B)',
);
reads(
  'a client that left in the answer',
  'request',
  { ...request, aborted: true },
  'iot: GET /iot/devices answered 200, given up by the client after 12 ms (TLSv1.3, kept connection, 1.23 kB)',
);
reads(
  'a request that ran longer than `drain`',
  'request',
  { ...request, aborted: true, cut: true },
  'iot: GET /iot/devices answered 200, cut off by the end of `drain` after 12 ms (TLSv1.3, kept connection, 1.23 kB)',
);
reads(
  'an answer that was cut short',
  'request',
  { ...request, bytesOut: 1e15, aborted: true, cause: 'bad-response', detail: 'it ended too early' },
  'iot: GET /iot/devices answered 200, cut short after 12 ms (TLSv1.3, kept connection, 1.00e+3 TB), bad-response: it ended too early',
);
reads(
  'one without any answer',
  'request',
  { ...request, status: 0, bytesOut: 0, aborted: true, cause: 'internal' },
  'iot: GET /iot/devices not answered, cut short after 12 ms (TLSv1.3, kept connection, 0 B), internal',
);
reads(
  'the admin listener’s own failure',
  'request',
  { admin: true, path: '/metrics' },
  '/metrics of the admin listener failed',
);

const negotiated = {
  ...iot,
  protocol: 'TLSv1.2',
  cipher: 'TLS_AES',
  group: 'X25519',
  resumed: false,
  offer: 'TLSv1.2',
};
reads(
  'a handshake that needed several attempts',
  'handshake',
  { ...negotiated, attempts: [reset, ok], ms: 25 },
  'iot: TLSv1.2 with device.example:8743 in 25 ms (TLS_AES, X25519): TLSv1.3+TLSv1.2 reset (ECONNRESET) 12 ms, then TLSv1.2 ok 13 ms',
);
reads(
  'a handshake at once, resumed',
  'handshake',
  { ...negotiated, group: '', resumed: true, attempts: [ok], ms: 13 },
  'iot: TLSv1.2 with device.example:8743 in 13 ms (TLS_AES, resumed)',
);
reads(
  'a ladder that failed',
  'handshake',
  { ...iot, cause: 'tls-version', attempts: [reset] },
  'iot: no connection to device.example:8743 (tls-version): TLSv1.3+TLSv1.2 reset (ECONNRESET) 12 ms',
);
reads(
  'a ladder that nobody waited for',
  'handshake',
  { ...iot, attempts: [{ ...reset, outcome: 'abandoned', code: 'ABORT_ERR' }] },
  'iot: no connection to device.example:8743 (given up by the client): TLSv1.3+TLSv1.2 abandoned (ABORT_ERR) 12 ms',
);
reads(
  'a trial in the background',
  'handshake',
  { ...iot, trial: true, attempts: [reset] },
  'iot: tried higher offers with device.example:8743 again, in vain: TLSv1.3+TLSv1.2 reset (ECONNRESET) 12 ms',
);
reads(
  'one that worked',
  'handshake',
  { ...iot, trial: true, protocol: 'TLSv1.3', attempts: [{ ...ok, offer: 'TLSv1.3' }] },
  'iot: tried higher offers with device.example:8743 again, and TLSv1.3 works: TLSv1.3 ok 13 ms',
);

reads(
  'a fallback',
  'fallback',
  { ...iot, from: 'TLSv1.3+TLSv1.2', to: 'TLSv1.2', outcome: 'reset', code: 'ECONNRESET' },
  'iot: fell back from TLSv1.3+TLSv1.2 to TLSv1.2 with device.example:8743, after reset (ECONNRESET)',
);
reads('a recovery', 'recovered', { ...iot, protocol: 'TLSv1.3' }, 'iot: TLSv1.3 works again with device.example:8743');
reads(
  'a downgrade',
  'downgrade',
  { ...iot, protocol: 'TLSv1.2', sentinel: 'TLSv1.3' },
  'iot: device.example:8743 was made to choose TLSv1.2 and says that it speaks TLSv1.3; something on the way may be an attacker',
);

const certificate = { route: 'iot', kind: 'client', subject: 'CN=me', notAfter: '2030-01-31T00:00:00.000Z' };
const whose = 'iot: the client certificate CN=me';
reads(
  'a certificate',
  'certificate',
  { ...certificate, daysLeft: 12 },
  `${whose} ends on 2030-01-31, in 12 days; renew it`,
);
reads(
  'its last days',
  'certificate',
  { ...certificate, daysLeft: 1 },
  `${whose} ends on 2030-01-31, in 1 day; renew it`,
);
reads(
  'its last day',
  'certificate',
  { ...certificate, daysLeft: 0 },
  `${whose} ends on 2030-01-31, in less than a day; renew it`,
);
reads('its end', 'certificate', { ...certificate, daysLeft: -3 }, `${whose} expired on 2030-01-31; renew it`);

reads(
  'a configuration that was taken over',
  'reload',
  { generation: 2, changed: ['route iot', 'drain'], problems: [] },
  'reload: now generation 2, changed: route iot, drain',
);
reads(
  'one that says the same',
  'reload',
  { generation: 2, changed: [], problems: [] },
  'reload: nothing is different, still generation 2',
);
reads(
  'one that was refused',
  'reload',
  { level: 50, generation: 2, changed: [], problems: ['p.yaml:3:1: no', 'p.yaml:4:1: no'] },
  'reload failed, generation 2 goes on\n    p.yaml:3:1: no\n    p.yaml:4:1: no',
);
reads(
  'files that cannot be watched',
  'reload',
  { level: 40, generation: 1, changed: [], problems: ['cannot watch /etc'] },
  'not every file of the configuration can be watched for changes\n    cannot watch /etc',
);
reads('the beginning of the end', 'draining', { inFlight: 1 }, 'draining, 1 request still running');
reads('the end', 'stopped', { inFlight: 0 }, 'stopped');
reads('an end that cut something off', 'stopped', { inFlight: 2 }, 'stopped, 2 requests cut off');
reads('what has no sentence', 'other', { a: 1, b: { c: 2 } }, 'other a=1 b={"c":2}');
reads('a message that lacks what its sentence is about', 'reload', { n: 1 }, 'reload n=1');
reads('a word of JavaScript’s own', 'toString', {}, 'toString');
reads(
  'an exception, on lines of its own',
  'request',
  {
    ...request,
    status: 500,
    cause: 'internal',
    err: { type: 'Error', message: 'broken', stack: 'Error: broken\n    at x' },
  },
  'iot: GET /iot/devices answered 500 in 12 ms (TLSv1.3, kept connection, 1.23 kB), internal\n    Error: broken\n        at x',
);

t.test('nothing that comes from outside acts on the terminal', async (t) => {
  const hostile = 'a\x1b[31mb\x1b]0;title\x07c\r\nd\x9b1me\u202ef\tg';
  for (const [msg, fields] of [
    ['request', { ...request, path: hostile, method: hostile, cause: hostile, detail: hostile }],
    ['certificate', { ...certificate, subject: hostile, daysLeft: 1 }],
    ['handshake', { ...negotiated, ms: 1, cipher: hostile, attempts: [{ ...reset, code: hostile }, ok] }],
    ['reload', { level: 50, generation: 1, problems: [hostile] }],
    ['other', { field: hostile, [hostile]: 1, object: { hostile } }],
    [hostile, {}],
    ['request', { ...request, err: { stack: hostile } }],
  ] as const) {
    const words = sentenceOf({ msg, ...fields });
    // Line feeds of problems and exceptions are their own lines.
    t.notMatch(words.replace(/\n {4}/g, ''), /[\p{Cc}\u202e]/u, JSON.stringify(words));
  }
});

t.test('colours mark the route, the answer and what is beside the point', async (t) => {
  const words = sentenceOf({ msg: 'request', ...request }, painted);
  t.match(words, '\x1b[1miot\x1b[0m: GET /iot/devices answered \x1b[32m200\x1b[0m in 12 ms \x1b[2m(TLSv1.3, ');
  const failed = sentenceOf({ msg: 'request', ...request, status: 502, cause: 'refused' }, painted);
  t.match(failed, '\x1b[31m502\x1b[0m in ');
  t.match(failed, '\x1b[31mrefused\x1b[0m');
  t.match(
    sentenceOf({ msg: 'request', ...request, status: 404 }, painted),
    'answered 404 in',
    'what a client did wrong is no matter',
  );
});
