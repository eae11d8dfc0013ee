import { bounds, type Durations } from './durations.ts';
import { type Family, family, type Sample } from './family.ts';
import type { RouteStats } from './route-stats.ts';

/** What is asked for when somebody looks: the state of the moment. */
export interface Gauge {
  /** The program's. */
  readonly version: string;
  /** What `/readyz` says. */
  readonly ready: boolean;
  /** The configured routes with their offers' names: what may be counted of them is shown as 0 until it is. */
  readonly routes: readonly {
    readonly route: string;
    readonly offers: readonly string[];
    /** Whether a lower offer than the first one is in use. */
    readonly lowered: boolean;
  }[];
  /** Connections of a route's pool by what they do. */
  readonly connections: readonly { readonly route: string; readonly state: string; readonly count: number }[];
  /** Certificates with their beginnings and ends, in seconds of the epoch. */
  readonly certificates: readonly {
    readonly route: string;
    readonly kind: string;
    readonly notBefore: number;
    readonly notAfter: number;
  }[];
}

/** Every family of what is kept by route and of the moment. A route's name is empty for requests without one. */
export function familiesOf(kept: ReadonlyMap<string, RouteStats>, gauge: Gauge): readonly Family[] {
  const all = [...kept];
  const counted = (labels: (stats: RouteStats) => Counted, names: readonly string[]): Sample[] =>
    all.flatMap(([route, stats]) => labels(stats).map((each) => sample({ route }, names, each)));
  const timed = (name: string, durations: (stats: RouteStats) => Durations): Sample[] =>
    all.flatMap(([route, stats]) => histogram(`mtls_proxy_${name}`, { route }, durations(stats)));
  // A series that begins with its first count would show no increase by it.
  const { routes } = gauge;
  const first = (count: (stats: RouteStats) => number): Sample[] =>
    [...new Set([...routes.map(({ route }) => route), ...kept.keys()])]
      .filter((route) => route !== '')
      .map((route) => ({ labels: { route }, value: kept.has(route) ? count(kept.get(route) as RouteStats) : 0 }));
  const climbs = routes.flatMap(({ route, offers: [top, ...lower] }) =>
    lower
      .filter((to) => (kept.get(route)?.fallbacks.count(top as string, to) ?? 0) === 0)
      .map((to) => sample({ route }, ['from', 'to'], { labels: [top as string, to], count: 0 })),
  );
  const soonest = soonestLast(gauge.certificates);
  return [
    family('counter', 'requests_total', 'Requests that are over.', [
      ...counted(({ requests }) => requests, ['code', 'cause']),
    ]),
    family('histogram', 'request_duration_seconds', 'From the head of a request to the end of its response.', [
      ...timed('request_duration_seconds', ({ durations }) => durations),
    ]),
    family('counter', 'handshakes_total', 'Handshake attempts that are over.', [
      ...counted(({ handshakes }) => handshakes.all, ['protocol', 'outcome']),
    ]),
    family('histogram', 'handshake_duration_seconds', 'From the first SYN to a verified handshake.', [
      ...timed('handshake_duration_seconds', ({ handshakeDurations }) => handshakeDurations),
    ]),
    family('counter', 'fallbacks_total', 'Ladders that ended below the top.', [
      ...counted(({ fallbacks }) => fallbacks.all, ['from', 'to']),
      ...climbs,
    ]),
    family(
      'counter',
      'downgrades_total',
      'Downgrade sentinels after a fallback.',
      first(({ downgrades }) => downgrades),
    ),
    family(
      'counter',
      'replays_total',
      'Requests sent once more.',
      first(({ replays }) => replays),
    ),
    family(
      'gauge',
      'fallen_back',
      'Whether a lower offer than the first one is in use.',
      routes.map(({ route, lowered }) => ({ labels: { route }, value: lowered ? 1 : 0 })),
      'max',
    ),
    family('gauge', 'upstream_connections', 'Connections by state.', addedUp(gauge.connections)),
    family(
      'gauge',
      'certificate_not_after_seconds',
      'When a certificate ends, in seconds of the epoch.',
      soonest.map(({ route, kind, notAfter }) => ({ labels: { route, kind }, value: notAfter })),
      'min',
    ),
    family(
      'gauge',
      'certificate_not_before_seconds',
      'When that certificate began, in seconds of the epoch.',
      soonest.map(({ route, kind, notBefore }) => ({ labels: { route, kind }, value: notBefore })),
      'min',
    ),
    family('gauge', 'ready', 'Whether /readyz answers 200.', [{ labels: {}, value: gauge.ready ? 1 : 0 }], 'min'),
    family(
      'gauge',
      'build_info',
      'The version that runs.',
      [{ labels: { version: gauge.version }, value: 1 }],
      'first',
    ),
  ];
}

type Counted = readonly { readonly labels: readonly string[]; readonly count: number }[];

function sample(
  labels: Sample['labels'],
  names: readonly string[],
  { labels: values, count }: Counted[number],
): Sample {
  return {
    labels: { ...labels, ...Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) },
    value: count,
  };
}

function histogram(name: string, labels: Sample['labels'], { counts, count, sum }: Durations): Sample[] {
  let below = 0;
  const series = [...counts].map((each, index) => {
    below += each;
    return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf', ...labels }, value: below };
  });
  return [
    ...series,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

/** A route that was replaced has two pools until the old one is empty. */
function addedUp(connections: Gauge['connections']): Sample[] {
  const found = new Map<string, Sample>();
  for (const { route, state, count } of connections) {
    const key = `${route}\n${state}`;
    found.set(key, { labels: { route, state }, value: count + (found.get(key)?.value ?? 0) });
  }
  return [...found.values()];
}

/** Of several of a kind the one that ends first is the one that counts. */
function soonestLast(certificates: Gauge['certificates']): Gauge['certificates'] {
  const found = new Map<string, Gauge['certificates'][number]>();
  for (const each of certificates) {
    const key = `${each.route}\n${each.kind}`;
    const known = found.get(key);
    if (known === undefined || each.notAfter < known.notAfter) found.set(key, each);
  }
  return [...found.values()];
}
