import type { Metric, Registry } from 'prom-client';
import type { Cause } from './errors.ts';
import { familiesOf, type Gauge } from './stats/families.ts';
import type { Family } from './stats/family.ts';
import { lasting } from './stats/lasting.ts';
import { type ReloadOutcome, ReloadStats } from './stats/reload-stats.ts';
import { type HandshakeRecord, RouteStats } from './stats/route-stats.ts';

export type { ReloadOutcome } from './stats/reload-stats.ts';

/** What is counted and remembered, in the names of the program. Every label is from the configuration or from a closed set. */
export interface Metrics {
  /** A route begins, or begins anew because its settings or files are others: what was wrong with it may be over. */
  begin(route: string): void;
  /**
   * A request is over.
   *
   * @param status 0 where nothing was answered
   * @param seconds from its head to its end
   * @param detail one sentence on an upstream's failure, for the status page; no label
   */
  request(
    route: string | undefined,
    status: number,
    cause: Cause | undefined,
    seconds: number,
    detail?: string | undefined,
  ): void;
  /** A handshake attempt is over; `protocol` is undefined where none was negotiated. */
  handshake(route: string, protocol: string | undefined, outcome: string, seconds: number): void;
  /** A way up the ladder is over, with all its attempts. */
  record(route: string, handshake: HandshakeRecord): void;
  fallback(route: string, from: string, to: string): void;
  downgrade(route: string): void;
  replay(route: string): void;
  /**
   * A configuration was read again.
   *
   * @param problems what was wrong with it, for the status page; no label
   */
  reload(outcome: ReloadOutcome, problems?: readonly string[]): void;
}

/** Counts with what `to` gives at the moment. */
export function relay(to: () => Metrics): Metrics {
  return {
    begin: (route) => to().begin(route),
    request: (route, status, cause, seconds, detail) => to().request(route, status, cause, seconds, detail),
    handshake: (route, protocol, outcome, seconds) => to().handshake(route, protocol, outcome, seconds),
    record: (route, handshake) => to().record(route, handshake),
    fallback: (route, from, offer) => to().fallback(route, from, offer),
    downgrade: (route) => to().downgrade(route),
    replay: (route) => to().replay(route),
    reload: (outcome, problems) => to().reload(outcome, problems),
  };
}

/** Metrics that are kept, and shown in the Prometheus text format. */
export interface MetricsRegistry extends Metrics {
  readonly contentType: string;
  /** Everything as text. */
  show(gauge: Gauge): Promise<string>;
  /** The same without what only one of several processes knows, to be added up by {@link addUp}. */
  figures(gauge: Gauge): Promise<Figures>;
  /** What is kept of a route; nothing counted yet if nothing is. */
  stats(route: string): RouteStats;
  readonly reloads: ReloadStats;
}

/** Metrics with their values, as they are given to another process. */
export type Figures = readonly (Pick<Family, 'name' | 'type' | 'aggregator'> & object)[];

/** For those whom nobody asks. */
export const noMetrics: Metrics = {
  begin: () => undefined,
  request: () => undefined,
  handshake: () => undefined,
  record: () => undefined,
  fallback: () => undefined,
  downgrade: () => undefined,
  replay: () => undefined,
  reload: () => undefined,
};

/** Of the gauges that the library has of the process, those whose names end as only a counter's may. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** What is counted of the process, which several proxies in it have in common; it is never let go. */
let ofProcess: Registry | undefined;

/**
 * The program's metrics, with those of its process. The library, which writes the text, is loaded here, so that a proxy
 * without an admin listener starts without it; what is counted is counted in plain numbers.
 */
export async function createMetrics(): Promise<MetricsRegistry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  ofProcess ??= processMetrics(new Registry(), collectDefaultMetrics);
  const shared = ofProcess;
  const reloads = new ReloadStats();
  const kept = new Map<string, RouteStats>();
  const of = (route: string): RouteStats => {
    let known = kept.get(route);
    if (known === undefined) {
      known = new RouteStats();
      kept.set(route, known);
    }
    return known;
  };
  return {
    contentType: shared.contentType,
    stats: (route) => kept.get(route) ?? new RouteStats(),
    begin: (route) => of(route).begin(),
    request: (route = '', status, cause, seconds, detail) => of(route).request(status, cause, seconds, detail),
    handshake: (route, protocol = 'none', outcome, seconds) => of(route).handshake(protocol, outcome, seconds),
    record: (route, handshake) => of(route).record(handshake),
    fallback: (route, from, to) => of(route).fallbacks.add(from, to),
    downgrade: (route) => {
      of(route).downgrades += 1;
    },
    replay: (route) => {
      of(route).replays += 1;
    },
    reloads,
    reload: (outcome, problems = []) => reloads.add(outcome, problems),
    async figures(gauge) {
      return [...familiesOf(kept, gauge), ...((await shared.getMetricsAsJSON()) as unknown as Figures)];
    },
    async show(gauge) {
      const ours = new Registry();
      for (const family of [...familiesOf(kept, gauge), ...reloads.families]) {
        // All that the registry asks of a metric.
        ours.registerMetric({ name: family.name, get: async () => family } as unknown as Metric);
      }
      return `${await ours.metrics()}\n${await shared.metrics()}`;
    },
  };
}

function processMetrics(registry: Registry, collect: (config: { register: Registry }) => void): Registry {
  collect({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

/**
 * The metrics of several processes as one, in the text format.
 *
 * @param all of each process
 */
export async function addUp(all: readonly Figures[]): Promise<{ readonly type: string; readonly text: string }> {
  const { AggregatorRegistry } = await import('prom-client');
  const registry = AggregatorRegistry.aggregate(all.map((each) => [...each]));
  return { type: registry.contentType, text: await registry.metrics() };
}

/** What a process that is gone has left behind, with that of others before it. The library's are of the process, and end with it. */
export function bequeath(before: Figures, figures: Figures): Figures {
  const ours = figures.filter(({ name }) => name.startsWith('mtls_proxy_')) as unknown;
  return lasting(before as readonly Family[], ours as readonly Family[]);
}
