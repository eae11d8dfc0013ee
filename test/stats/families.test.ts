import t from 'tap';
import { familiesOf, type Gauge } from '../../src/stats/families.ts';
import { RouteStats } from '../../src/stats/route-stats.ts';

const nothing: Gauge = { version: '1', ready: false, routes: [], connections: [], certificates: [] };

/** `LABELS VALUE` of a family's samples. */
function valuesOf(name: string, kept: ReadonlyMap<string, RouteStats>, gauge: Partial<Gauge> = {}): string[] {
  const family = familiesOf(kept, { ...nothing, ...gauge }).find((each) => each.name === `mtls_proxy_${name}`);
  return (family?.values ?? []).map(({ labels, value }) => [...Object.values(labels), value].join(' '));
}

t.test('what may be counted of a route is 0 until it is', async (t) => {
  const stats = new RouteStats();
  const kept = new Map([['iot', stats]]);
  const routes = [
    { route: 'iot', offers: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'], lowered: true },
    { route: 'new', offers: ['TLSv1.3'], lowered: false },
  ];
  stats.fallbacks.add('TLSv1.3', 'TLSv1.1');
  stats.downgrades = 2;
  t.same(valuesOf('fallbacks_total', kept, { routes }), ['iot TLSv1.3 TLSv1.1 1', 'iot TLSv1.3 TLSv1.2 0']);
  t.same(valuesOf('downgrades_total', kept, { routes }), ['iot 2', 'new 0']);
  t.same(valuesOf('replays_total', kept, { routes }), ['iot 0', 'new 0']);
  t.same(valuesOf('fallen_back', kept, { routes }), ['iot 1', 'new 0']);
});

t.test('what was counted of a route that is gone stays', async (t) => {
  const stats = new RouteStats();
  stats.replays = 3;
  stats.request(200, undefined, 1, undefined);
  t.same(valuesOf('replays_total', new Map([['gone', stats]])), ['gone 3']);
  t.same(valuesOf('requests_total', new Map([['gone', stats]])), ['gone 200  1']);
});

t.test('requests without a route have no counters of a route', async (t) => {
  const stats = new RouteStats();
  stats.request(404, 'no-route', 0.001, undefined);
  const kept = new Map([['', stats]]);
  t.same(valuesOf('requests_total', kept), [' 404 no-route 1']);
  t.same(valuesOf('downgrades_total', kept), []);
});

t.test('a histogram is cumulative', async (t) => {
  const stats = new RouteStats();
  for (const seconds of [0.0005, 0.02, 99]) stats.request(200, undefined, seconds, undefined);
  const values = valuesOf('request_duration_seconds', new Map([['iot', stats]]));
  t.same(values.slice(0, 2), ['0.001 iot 1', '0.0025 iot 1']);
  t.same(values.slice(-4), ['60 iot 2', '+Inf iot 3', 'iot 99.0205', 'iot 3']);
});

t.test('connections of one state are added up, and of several certificates the first to end counts', async (t) => {
  const connections = [1, 2].map((count) => ({ route: 'iot', state: 'busy', count }));
  t.same(valuesOf('upstream_connections', new Map(), { connections }), ['iot busy 3']);
  const certificates = [
    { route: 'iot', kind: 'chain', notBefore: 1, notAfter: 9 },
    { route: 'iot', kind: 'chain', notBefore: 2, notAfter: 5 },
    { route: 'iot', kind: 'chain', notBefore: 3, notAfter: 7 },
  ];
  t.same(valuesOf('certificate_not_after_seconds', new Map(), { certificates }), ['iot chain 5']);
  t.same(valuesOf('certificate_not_before_seconds', new Map(), { certificates }), ['iot chain 2']);
});

t.test('whether it is ready, and what runs', async (t) => {
  t.same(valuesOf('ready', new Map()), ['0']);
  t.same(valuesOf('ready', new Map(), { ready: true }), ['1']);
  t.same(valuesOf('build_info', new Map()), ['1 1']);
});
