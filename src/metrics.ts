import type { Registry } from 'prom-client';

/** What is counted, in the names of the program. Every label is from the configuration or from a closed set. */
export interface Metrics {
  /** A request is over; `status` is 0 where nothing was answered, `seconds` from its head to its end. */
  request(route: string | undefined, status: number, cause: string | undefined, seconds: number): void;
  /** A handshake attempt is over; `protocol` is undefined where none was negotiated. */
  handshake(route: string, protocol: string | undefined, outcome: string, seconds: number): void;
  fallback(route: string, from: string, to: string): void;
  downgrade(route: string): void;
  replay(route: string): void;
  /** A configuration was read again. */
  reload(outcome: ReloadOutcome): void;
}

/** `unchanged`: it was read, and says the same as before. */
export type ReloadOutcome = 'ok' | 'failed' | 'unchanged';

/** A gauge whose values are asked for when somebody looks. */
export interface Gauge {
  /** Connections of a route's pools by what they do; what is there several times is added up. */
  readonly connections: readonly { readonly route: string; readonly state: string; readonly count: number }[];
  /** Certificates and their ends, in seconds of the epoch. */
  readonly certificates: readonly { readonly route: string; readonly kind: string; readonly notAfter: number }[];
}

/** Metrics that are kept, and shown in the Prometheus text format. */
export interface MetricsRegistry extends Metrics {
  readonly contentType: string;
  /** Everything as text; `gauge` is read once. */
  show(gauge: Gauge): Promise<string>;
}

/** For those whom nobody asks. */
export const noMetrics: Metrics = {
  request: () => undefined,
  handshake: () => undefined,
  fallback: () => undefined,
  downgrade: () => undefined,
  replay: () => undefined,
  reload: () => undefined,
};

/** Counts with what `to` gives at the moment. */
export function relay(to: () => Metrics): Metrics {
  return {
    request: (...request) => to().request(...request),
    handshake: (...handshake) => to().handshake(...handshake),
    fallback: (...fallback) => to().fallback(...fallback),
    downgrade: (route) => to().downgrade(route),
    replay: (route) => to().replay(route),
    reload: (outcome) => to().reload(outcome),
  };
}

/** From 1 ms to a minute: a handshake takes some milliseconds, a slow API many seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * The program's metrics, with those of its process. The library is loaded here, so that a proxy without an admin listener
 * starts without it.
 */
export async function createMetrics(): Promise<MetricsRegistry> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry: Registry = new Registry();
  const registers = [registry];
  const named = (name: string, help: string, labelNames: readonly string[]) => {
    return { name: `mtls_proxy_${name}`, help, labelNames: [...labelNames], registers };
  };
  collectDefaultMetrics({ register: registry });
  const requests = new Counter(named('requests_total', 'Requests that are over.', ['route', 'code', 'cause']));
  const durations = new Histogram({
    ...named('request_duration_seconds', 'From the head of a request to the end of its response.', ['route']),
    buckets,
  });
  const handshakes = new Counter(
    named('handshakes_total', 'Handshake attempts that are over.', ['route', 'protocol', 'outcome']),
  );
  const handshakeDurations = new Histogram({
    ...named('handshake_duration_seconds', 'From the first SYN to a verified handshake.', ['route']),
    buckets,
  });
  const fallbacks = new Counter(named('fallbacks_total', 'Ladders that ended below the top.', ['route', 'from', 'to']));
  const downgrades = new Counter(named('downgrades_total', 'Downgrade sentinels after a fallback.', ['route']));
  const replays = new Counter(named('replays_total', 'Requests sent once more.', ['route']));
  const reloads = new Counter(named('reloads_total', 'Times the configuration was read again.', ['outcome']));
  // Alerts on an increase need a first value.
  for (const outcome of ['ok', 'failed', 'unchanged']) reloads.inc({ outcome }, 0);
  const connections = new Gauge(named('upstream_connections', 'Connections by state.', ['route', 'state']));
  const certificates = new Gauge(
    named('certificate_not_after_seconds', 'When a certificate ends, in seconds of the epoch.', ['route', 'kind']),
  );
  return {
    contentType: registry.contentType,
    request(route = '', status, cause = '', seconds) {
      requests.inc({ route, code: String(status), cause });
      durations.observe({ route }, seconds);
    },
    handshake(route, protocol = 'none', outcome, seconds) {
      handshakes.inc({ route, protocol, outcome });
      if (outcome === 'ok') handshakeDurations.observe({ route }, seconds);
    },
    fallback: (route, from, to) => fallbacks.inc({ route, from, to }),
    downgrade: (route) => downgrades.inc({ route }),
    replay: (route) => replays.inc({ route }),
    reload: (outcome) => reloads.inc({ outcome }),
    show(gauge) {
      // What is gone since the last look must not stay.
      connections.reset();
      certificates.reset();
      for (const { route, state, count } of gauge.connections) connections.inc({ route, state }, count);
      for (const { route, kind, notAfter } of soonestLast(gauge.certificates))
        certificates.set({ route, kind }, notAfter);
      return registry.metrics();
    },
  };
}

/** Of several of a kind the one that ends first is the one that counts. */
const soonestLast = (certificates: Gauge['certificates']): Gauge['certificates'] =>
  certificates.toSorted((a, b) => b.notAfter - a.notAfter);
