import t from 'tap';
import { icon, renderPage, script, style } from '../../../src/admin/page/page.ts';
import type { RouteStatus, Status } from '../../../src/admin/status.ts';

const time = '2030-01-01T00:00:00.000Z';
const hostile = '"><script>alert(1)</script><i a=\'';
const many = <T>(value: T) => Array.from({ length: 60 }, () => value);

const route = (more: Partial<RouteStatus> = {}): RouteStatus => ({
  name: 'iot',
  match: { path: '/iot', host: null, listen: null },
  upstream: 'device.example:443',
  via: null,
  health: { state: 'ok', findings: [] },
  ladder: { offers: ['TLSv1.3+TLSv1.2', 'TLSv1.2'], remembered: null, lowered: null },
  handshakes: [],
  certificates: [],
  pool: { idle: 1, busy: 2, dialing: 0, waiting: 0, max: 256 },
  requests: {
    total: 3,
    perSecond: 0.2,
    p50: 4,
    p95: 9,
    slotSeconds: 5,
    slots: { requests: many(1), failed: many(0), p50: many(null), p95: many(null) },
  },
  failure: null,
  ...more,
});

const status = (routes: readonly RouteStatus[], more: Partial<Status> = {}): Status => ({
  generation: 4,
  version: '1.2.3',
  node: '24.0.0',
  openssl: '3.5.0',
  started: '2029-12-31T21:00:00.000Z',
  now: time,
  uptimeSeconds: 10_800,
  ready: true,
  notReady: [],
  draining: false,
  listeners: [
    { address: '127.0.0.1:8080', admin: false },
    { address: '127.0.0.1:9901', admin: true },
  ],
  reload: null,
  unroutedRequests: 7,
  routes,
  ...more,
});

/** The text of a page as a person reads it. */
const read = (page: string) =>
  page.replace(/<(?:style|svg)[\s\S]*?<\/(?:style|svg)>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');

t.test('the whole page: who it is, what it serves, and since when', async (t) => {
  const text = read(renderPage(status([route()])));
  for (const part of [
    'All well – mtls-proxy',
    'Ready',
    'As of 2030-01-01 00:00:00 UTC',
    '1 route 1 OK',
    '/iot to device.example:443',
    '0.2/s , none failed in 5 min',
    '4 ms median, 9 ms p95',
    'Connections: 2 busy, 1 idle (256 at most)',
    '3 requests since the start',
    'No handshake yet',
    'Nothing is remembered; the next connection begins at the top.',
    'None of ours, and the upstream has shown none yet.',
    'Version 1.2.3',
    'Runs since 3 h ago',
    'generation 4',
    '127.0.0.1:9901 (this page)',
    'Requests without a route 7',
  ]) {
    t.ok(text.includes(part), `${part}\n${text}`);
  }
});

t.test('a route in trouble: what is the matter, what to do next, and where to read more', async (t) => {
  const help = 'https://docs.example/problems.md#refused';
  const finding = { state: 'failing', text: 'It failed.', next: 'Set `upstream`.', help } as const;
  const page = renderPage(
    status([
      route({
        health: { state: 'failing', findings: [finding] },
        failure: { at: time, cause: 'refused', status: 502, detail: 'told above', help },
      }),
    ]),
  );
  t.match(
    page,
    `<p>It failed.</p><p><strong>Next:</strong> Set <code>upstream</code>. <a href="${help}">More about this`,
  );
  t.match(read(page), '1 failing – mtls-proxy');
  t.notMatch(page, 'told above', 'not twice');
});

t.test('a failure that is over is still told', async (t) => {
  const failure = {
    at: '2029-12-31T23:59:00.000Z',
    cause: 'refused',
    status: 502,
    detail: 'start it',
    help: 'https://x',
  } as const;
  t.match(read(renderPage(status([route({ failure })]))), /Last failure 1 min ago : refused \(502\) start it/);
  const cut = { ...failure, status: 0, detail: null };
  t.match(read(renderPage(status([route({ failure: cut })]))), /refused \(not answered\)/);
});

t.test('the ladder: what is used, for how long, and why', async (t) => {
  const attempt = { offer: 'TLSv1.3+TLSv1.2', outcome: 'alert', code: 'ERR_X', alert: 70, ms: 3 } as const;
  const lowered = { to: 'TLSv1.2', since: '2029-12-31T23:59:55.000Z', failed: attempt, sentinel: null };
  const ladder = {
    offers: ['TLSv1.3+TLSv1.2', 'TLSv1.2'],
    remembered: { offer: 'TLSv1.2', provisional: true, until: '2030-01-01T01:00:00.000Z' },
    lowered: { ...lowered, retry: '2030-01-01T00:00:08.000Z' },
  };
  const text = read(renderPage(status([route({ ladder })])));
  t.match(text, 'TLSv1.3+TLSv1.2 TLSv1.2 in use for now Forgotten in 1 h .');
  t.match(
    text,
    'Fallen back 5 s ago , when TLSv1.3+TLSv1.2 ended by alert (alert 70, ERR_X). Higher offers are tried again in 8 s .',
  );
  const never = { ...ladder, lowered: { ...lowered, retry: null } };
  t.match(read(renderPage(status([route({ ladder: never })]))), 'Higher offers are not tried again by themselves.');
  const top = { ...ladder, lowered: null, remembered: { offer: 'TLSv1.3+TLSv1.2', provisional: false, until: null } };
  t.match(read(renderPage(status([route({ ladder: top })]))), 'TLSv1.3+TLSv1.2 in use TLSv1.2');
});

t.test('handshakes: what they came to, and their attempts', async (t) => {
  const attempts = [
    { offer: 'TLSv1.3+TLSv1.2', outcome: 'reset', code: 'ECONNRESET', ms: 12 },
    { offer: 'TLSv1.2', outcome: 'ok', ms: 8 },
  ] as const;
  const none = { at: time, ms: 20, protocol: null, cipher: null, group: null, resumed: null, offer: null, cause: null };
  const negotiated = { ...none, protocol: 'TLSv1.2', cipher: 'AES', group: 'X25519', resumed: true, offer: 'TLSv1.2' };
  const shown = (...handshakes: RouteStatus['handshakes']) => read(renderPage(status([route({ handshakes })])));
  const one = shown({ ...negotiated, purpose: 'request', result: 'ok', attempts });
  t.match(one, 'Last handshake ');
  t.match(
    one,
    'now TLSv1.2 AES, X25519, resumed 20 ms in all TLSv1.3+TLSv1.2 reset (ECONNRESET) 12 ms TLSv1.2 ok 8 ms',
  );
  const several = shown(
    { ...none, purpose: 'request', result: 'failed', cause: 'tls-version', attempts },
    { ...negotiated, purpose: 'request', result: 'failed', cause: 'client-certificate', attempts },
    { ...none, purpose: 'request', result: 'abandoned', attempts },
    { ...none, purpose: 'trial', result: 'failed', attempts },
    { ...negotiated, purpose: 'trial', result: 'ok', attempts },
  );
  t.match(several, 'Last 5 handshakes');
  t.match(several, 'Failed (tls-version)');
  t.match(several, 'Failed (client-certificate, after the handshake) TLSv1.2');
  t.match(several, 'Given up by the client');
  t.match(several, 'Trial in the background: failed');
  t.match(several, /TLSv1\.2 AES, X25519, resumed Trial in the background 20 ms/);
});

t.test('certificates: what is left of them, in words and as a bar', async (t) => {
  const of = (kind: 'client' | 'server', notAfter: string, daysLeft: number) => {
    return { kind, subject: `CN=${kind}`, notBefore: '2029-01-01T00:00:00.000Z', notAfter, daysLeft };
  };
  const certificates = [of('client', '2030-01-13T12:00:00.000Z', 12), of('server', '2029-12-31T12:00:00.000Z', -1)];
  const page = renderPage(
    status([
      route({ certificates }),
      route({ name: 'x', certificates: [of('client', '2030-01-02T02:00:00.000Z', 1)] }),
    ]),
  );
  t.match(read(page), 'Client CN=client 12 days left , until 2030-01-13');
  t.match(read(page), 'Server CN=server expired 12 h ago , until 2029-12-31');
  t.match(read(page), '1 d 2 h left');
  t.match(page, /<svg class="left soon"[^>]*aria-hidden="true">/);
  t.match(page, /<svg class="left over"/);
  t.match(page, /<td class="number wide">expired<\/td>/, 'in the overview the one that ends first');
  t.match(page, /<td class="number wide">1 day<\/td>/);
});

t.test('not ready: why', async (t) => {
  const page = renderPage(status([route()], { ready: false, notReady: ['draining', hostile] }));
  t.match(read(page), 'Not ready – mtls-proxy');
  t.match(read(page), 'Not ready: draining; &quot;');
});

t.test('a new configuration that was refused: why, and what to do', async (t) => {
  const reload = {
    at: '2029-12-31T23:59:00.000Z',
    outcome: 'failed',
    problems: ['p.yaml:3:1: no such key', hostile],
  } as const;
  const page = renderPage(status([route()], { reload }));
  const text = read(page);
  t.match(text, 'Configuration not taken – mtls-proxy');
  t.match(text, 'It was read 1 min ago ; generation 4 goes on. p.yaml:3:1: no such key &quot;&gt;');
  t.match(text, 'Next: mend this and save the file, or send SIGHUP');
  t.notMatch(read(renderPage(status([route()], { reload: { ...reload, outcome: 'ok' } }))), 'not taken');
});

t.test('a match by listener and host, a CONNECT proxy, and requests that wait', async (t) => {
  const match = { listen: '127.0.0.1:8080', host: 'a.example', path: null };
  const pool = { idle: 0, busy: 2, dialing: 1, waiting: 3, max: 2 };
  const text = read(renderPage(status([route({ match, via: 'egress:3128', pool })])));
  t.match(text, '127.0.0.1:8080 a.example to device.example:443 through egress:3128');
  t.match(text, 'Connections: 2 busy, 0 idle, 1 being made, 3 requests waiting (2 at most)');
});

t.test('nothing that comes from outside becomes markup', async (t) => {
  const attempt = { offer: hostile, outcome: 'reset', code: hostile, ms: 1 } as const;
  const page = renderPage(
    status(
      [
        route({
          name: hostile,
          match: { path: hostile, host: hostile, listen: hostile },
          upstream: hostile,
          via: hostile,
          health: {
            state: 'failing',
            findings: [{ state: 'failing', text: hostile, next: `\`${hostile}\``, help: hostile }],
          },
          ladder: {
            offers: [hostile],
            remembered: { offer: hostile, provisional: true, until: hostile },
            lowered: { to: hostile, since: hostile, failed: attempt, sentinel: hostile, retry: hostile },
          },
          handshakes: [
            {
              at: hostile,
              ms: 1,
              purpose: 'request',
              result: 'ok',
              protocol: hostile,
              cipher: hostile,
              group: hostile,
              resumed: true,
              offer: hostile,
              cause: null,
              attempts: [attempt],
            },
          ],
          certificates: [{ kind: 'server', subject: hostile, notBefore: time, notAfter: time, daysLeft: 0 }],
          failure: { at: hostile, cause: 'refused', status: 502, detail: hostile, help: hostile },
        }),
      ],
      {
        version: hostile,
        node: hostile,
        openssl: hostile,
        started: hostile,
        now: hostile,
        listeners: [{ address: hostile, admin: true }],
        notReady: [hostile],
        ready: false,
      },
    ),
  );
  t.equal(page.match(/<script/g)?.length, 1, 'the page’s own');
  t.notMatch(page, /<i a=/);
  t.notMatch(page, /="[^"]*"><script>a/);
});

t.test('nothing is inline, and nothing comes from elsewhere', async (t) => {
  const page = renderPage(status([route()]));
  t.notMatch(page, /\sstyle=|\son[a-z]+=|<style|javascript:/);
  t.match(page, '<script type="module" src="page.js"></script>');
  for (const [, url] of page.matchAll(/<(?:link|script|img|iframe)[^>]*(?:src|href)="([^"]*)"/g))
    t.match(url, /^[a-z]+\.[a-z]+$/);
  for (const text of [style, icon, script])
    t.notMatch(text.replace('http://www.w3.org/2000/svg', ''), /https?:|@import|url\(/);
});
