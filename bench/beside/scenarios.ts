import type { Load } from './load.ts';
import { usual, type Way } from './subjects.ts';

/** One comparison: what is sent, by which way, and what of it counts. */
export interface Scenario {
  readonly name: string;
  readonly load: Load;
  readonly way: Way;
  /** Clients that are connected and send nothing. */
  readonly idle?: number;
  /** What is compared in the place of proxies, each with the first: ours in these scenarios, which take turns. */
  readonly ours?: readonly Scenario[];
  /** Seconds that a turn takes at least, so that some requests end in it. */
  readonly least?: number;
  /** Part of `--quick`. */
  readonly quick?: boolean;
}

const small: Load = { clients: 32, path: '/iot/x' };
const route = (routes: number): readonly string[] => Array.from({ length: routes }, (_, index) => `/r${index}/x`);
const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`X-Sent-${index}`, `value ${index}`]));

/** Ours beside itself. */
function ours(name: string, scenarios: readonly [Scenario, ...Scenario[]]): Scenario {
  const [{ load, way }] = scenarios;
  return { name, load, way, ours: scenarios };
}

/** All scenarios, in the order in which they are run. */
export const scenarios: readonly Scenario[] = [
  { name: 'small, 1 client', load: { ...small, clients: 1 }, way: usual, quick: true },
  { name: 'small, 32 clients', load: small, way: usual, quick: true },
  { name: 'small, 256 clients', load: { ...small, clients: 256 }, way: usual },
  { name: 'small, 32 of 1,032 clients', load: small, way: usual, idle: 1000 },
  { name: 'small, nothing logged', load: small, way: { ...usual, log: false } },
  { name: 'small, TLS 1.2', load: small, way: { ...usual, version: 'TLSv1.2' } },
  { name: 'small, no two heads alike', load: { ...small, path: '/iot/other' }, way: usual },
  { name: 'POST of 1 KiB', load: { ...small, method: 'POST', body: 1024 }, way: usual },
  { name: '20 fields each way', load: { ...small, path: '/iot/many', fields }, way: usual },
  { name: 'chunked, 16 KiB', load: { ...small, path: '/iot/chunked' }, way: usual },
  { name: '1 MiB down', load: { clients: 8, path: '/iot/1m' }, way: usual, quick: true },
  { name: '1 MiB up', load: { clients: 8, path: '/iot/up', method: 'PUT', body: 2 ** 20 }, way: usual },
  { name: '100 MiB down', load: { clients: 2, path: '/iot/100m' }, way: usual, least: 8 },
  {
    name: '100 MiB up',
    load: { clients: 2, path: '/iot/up', method: 'PUT', body: 100 * 2 ** 20 },
    way: usual,
    least: 8,
  },
  { name: 'a full handshake each', load: small, way: { ...usual, keepAlive: false, resume: false }, quick: true },
  { name: 'a resumed handshake each', load: small, way: { ...usual, keepAlive: false }, quick: true },
  ours('more clients', [
    { name: '32 clients', load: small, way: usual },
    { name: '256 clients', load: { ...small, clients: 256 }, way: usual },
  ]),
  ours('more routes', [
    { name: '1 route', load: small, way: usual },
    { name: '4 routes in turn', load: { ...small, paths: route(4) }, way: { ...usual, routes: 4 } },
    { name: '1 of 200 routes', load: { ...small, path: '/r100/x' }, way: { ...usual, routes: 200 } },
  ]),
];
