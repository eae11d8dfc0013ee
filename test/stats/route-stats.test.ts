import t from 'tap';
import type { Attempt } from '../../src/errors.ts';
import { RouteStats } from '../../src/stats/route-stats.ts';

t.test('requests by code and cause', async (t) => {
  const stats = new RouteStats();
  stats.request(200, undefined, 0.01, undefined);
  stats.request(200, undefined, 0.01, undefined);
  stats.request(798, undefined, 0.01, undefined);
  stats.request(799, undefined, 0.01, undefined);
  stats.request(502, 'tls-version', 0.01, 'add the version');
  t.same(stats.requests, [
    { labels: ['200', ''], count: 2 },
    { labels: ['7xx', ''], count: 2 },
    { labels: ['502', 'tls-version'], count: 1 },
  ]);
  t.equal(stats.durations.count, 5);
});

t.test('a route fails until a request goes well', async (t) => {
  const stats = new RouteStats();
  t.equal(stats.failing, false);
  stats.request(502, 'refused', 0.01, 'start it');
  t.equal(stats.failing, true);
  t.match(stats.lastFailure, { cause: 'refused', detail: 'start it', status: 502 });
  stats.request(0, undefined, 0.01, undefined);
  t.equal(stats.failing, true, 'a client that left before an answer proves nothing');
  stats.request(413, 'bad-request', 0.01, undefined);
  t.equal(stats.failing, true, 'nor does a request that could not be taken');
  stats.request(500, undefined, 0.01, undefined);
  t.equal(stats.failing, false, 'what the upstream answers is its own');
  t.match(stats.lastFailure, { cause: 'refused' }, 'it stays to be seen');
});

t.test('what fails by its client is no failure of the route', async (t) => {
  const stats = new RouteStats();
  stats.request(413, 'bad-request', 0.01, undefined);
  t.equal(stats.failing, false);
  t.equal(stats.lastFailure, undefined);
  t.equal(stats.traffic.view().failed.at(-1), 0);
  stats.request(503, undefined, 0.01, undefined);
  t.equal(stats.traffic.view().failed.at(-1), 1, 'an upstream’s 5xx counts as failed');
});

t.test('a tunnel’s duration is no latency', async (t) => {
  const stats = new RouteStats();
  stats.request(101, undefined, 3600, undefined);
  t.equal(stats.traffic.view().requests.at(-1), 1);
  t.equal(stats.traffic.view().overall.p95, null);
  t.equal(stats.durations.sum, 3600);
});

t.test('the last ten handshakes are kept, with at most twenty attempts each', async (t) => {
  const stats = new RouteStats();
  const attempt = (ms: number): Attempt => ({ offer: 'TLSv1.3', outcome: 'reset', code: 'ECONNRESET', ms });
  for (let at = 0; at < 12; at += 1) stats.record({ at, ms: 1, purpose: 'request', attempts: [attempt(at)] });
  t.same(
    stats.recent.map(({ at }) => at),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
  stats.record({ at: 12, ms: 1, purpose: 'trial', attempts: Array.from({ length: 30 }, (_, ms) => attempt(ms)) });
  t.same(
    stats.recent.at(-1)?.attempts.map(({ ms }) => ms),
    Array.from({ length: 20 }, (_, index) => index + 10),
    'the last of them',
  );
});

t.test('handshakes by protocol and outcome; the time of those that worked', async (t) => {
  const stats = new RouteStats();
  stats.handshake('none', 'reset', 5);
  stats.handshake('TLSv1.2', 'ok', 0.02);
  t.same(stats.handshakes.all, [
    { labels: ['none', 'reset'], count: 1 },
    { labels: ['TLSv1.2', 'ok'], count: 1 },
  ]);
  t.equal(stats.handshakeDurations.count, 1);
  t.equal(stats.handshakeDurations.sum, 0.02);
});

t.test('a route that begins anew neither fails nor is used, and goes on counting', async (t) => {
  const stats = new RouteStats();
  t.equal(stats.used, false);
  stats.request(502, 'client-certificate', 0.01, 'use another');
  t.equal(stats.used, true);
  stats.begin();
  t.equal(stats.failing, false);
  t.equal(stats.used, false);
  t.equal(stats.durations.count, 1);
  t.match(stats.lastFailure, { cause: 'client-certificate' });
  stats.request(200, undefined, 0.01, undefined);
  t.equal(stats.used, true);
});
