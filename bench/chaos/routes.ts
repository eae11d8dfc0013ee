import { offers } from '../../test/fixtures/ladder.ts';
import type { Range } from './phases.ts';

/** A route of the proxy under test. */
export interface RouteSpec {
  readonly name: string;
  readonly versions: readonly string[];
  /** What befalls its upstream. */
  readonly range: Range;
  /** Keys of its `tls`, besides. */
  readonly tls?: { readonly offer?: string; readonly downgrade?: string; readonly resume?: boolean };
  /** Further keys. */
  readonly keys?: object;
  /** Which requests may be sent twice. */
  readonly replay: 'idempotent' | 'never' | 'always';
  /** By which host it is asked for, instead of its path. */
  readonly host?: string;
  /** Reached through a CONNECT proxy. */
  readonly via?: true;
}

const modern = ['TLSv1.3', 'TLSv1.2'];

/** Routes that differ in what decides about connections. */
export const routeSpecs: readonly RouteSpec[] = [
  { name: 'open', versions: modern, range: 'all', replay: 'idempotent' },
  // Its upstream fails in ways only that must never lower a version, so that a lower one is always a fault of ours.
  { name: 'strict', versions: modern, range: 'late', replay: 'idempotent' },
  { name: 'old', versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'], range: 'all', replay: 'idempotent' },
  { name: 'exact', versions: modern, range: 'all', replay: 'never', tls: { offer: 'exact', downgrade: 'refuse' } },
  {
    name: 'eager',
    versions: modern,
    range: 'all',
    replay: 'always',
    keys: { pool: { maxConnections: 3, idleTimeout: '1s' } },
  },
  { name: 'fresh', versions: ['TLSv1.2'], range: 'all', replay: 'idempotent', keys: { pool: { keepAlive: false } } },
  { name: 'hosted', versions: modern, range: 'all', replay: 'idempotent', host: 'hosted.test' },
  { name: 'far', versions: modern, range: 'all', replay: 'idempotent', tls: { resume: false }, via: true },
];

/** The names of a route's offers, from the top on. TLS 1.2 and above never share one with 1.1 and below. */
export function ladderOf({ versions, tls }: RouteSpec): string[] {
  const share = (first: string, n: number): string[] =>
    versions.slice(n).filter((one) => one < 'TLSv1.2' === first < 'TLSv1.2');
  return offers(...versions.map((version, n) => (tls?.offer === 'exact' ? version : share(version, n).join('+'))));
}

/** Clients that may be connected at a time: more than there are at work, fewer than a flood has. */
export const connectionLimit = 120;

/** Where an upstream can be reached. */
export interface Place {
  readonly spec: RouteSpec;
  readonly url: string;
  readonly via?: string;
}

/**
 * The configuration, as an object. Its time-outs are short, so that a run has many.
 *
 * @param pool settings of the pools that are different
 */
export function configOf(places: readonly Place[], pool: object = {}): object {
  return {
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    log: { level: 'debug', format: 'json' },
    limits: { connections: connectionLimit },
    defaults: {
      timeouts: { connect: '1s', handshake: '1s', ladder: '3s', response: '1s', idle: '1500ms' },
      pool: { idleTimeout: '2s', ...pool },
      // Remembered for longer, a top that works again would be tried ever more seldom: a run could not wait for it.
      tls: { ca: 'ca.pem', cert: 'client.crt', key: 'client.key', remember: '8s' },
    },
    routes: places.map(({ spec, url, via }) => ({
      name: spec.name,
      match: spec.host === undefined ? { path: `/${spec.name}` } : { host: spec.host },
      upstream: url,
      replay: spec.replay,
      ...(via === undefined ? {} : { via }),
      ...spec.keys,
      tls: { versions: spec.versions, ...spec.tls },
    })),
  };
}
