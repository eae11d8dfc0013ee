import { healthStates } from './health.ts';
import type { RequestsStatus, RouteStatus, Status } from './status.ts';

/** What one process knows for all. */
export type OwnStatus = Pick<
  Status,
  'generation' | 'started' | 'uptimeSeconds' | 'ready' | 'notReady' | 'draining' | 'listeners' | 'reload'
>;

/** How many handshakes of a route are shown. */
const shown = 10;

/**
 * The status of several processes that serve the same, as one: what is counted is added up, of what differs the worst or the
 * latest is shown. Times below which a share of the requests took cannot be added up: the longest of the processes' are.
 *
 * @param statuses at least one
 * @param own in the place of theirs
 */
export function mergeStatus(statuses: readonly Status[], own: OwnStatus): Status {
  const [first] = statuses as [Status];
  const routes = first.routes.map(({ name }) =>
    mergeRoute(statuses.flatMap((status) => status.routes.filter((route) => route.name === name))),
  );
  const unroutedRequests = sum(statuses.map((status) => status.unroutedRequests));
  return { ...first, ...own, unroutedRequests, routes: routes.sort(byTrouble) };
}

function mergeRoute(routes: readonly RouteStatus[]): RouteStatus {
  const [first] = routes as [RouteStatus];
  const findings = routes.flatMap(({ health }) => health.findings);
  // Where one process serves, it does not matter that another has not yet.
  const used = routes.some(({ health }) => health.state !== 'unused');
  const found = uniqueBy(
    findings.filter(({ state }) => !used || state !== 'unused'),
    ({ text }) => text,
  ).sort((a, b) => rank(a.state) - rank(b.state));
  const { pool } = first;
  const pools = routes.map((route) => route.pool);
  return {
    ...first,
    health: { state: found[0]?.state ?? 'ok', findings: found },
    ladder: routes.map(({ ladder }) => ladder).find(({ lowered }) => lowered !== null) ?? first.ladder,
    handshakes: latest(routes.flatMap(({ handshakes }) => handshakes)).slice(0, shown),
    certificates: uniqueBy(
      routes.flatMap(({ certificates }) => certificates),
      ({ kind, subject, notAfter }) => `${kind} ${subject} ${notAfter}`,
    ),
    pool: {
      idle: sum(pools.map(({ idle }) => idle)),
      busy: sum(pools.map(({ busy }) => busy)),
      dialing: sum(pools.map(({ dialing }) => dialing)),
      waiting: sum(pools.map(({ waiting }) => waiting)),
      max: pool.max * routes.length,
    },
    requests: mergeRequests(routes.map(({ requests }) => requests)),
    failure: latest(routes.flatMap(({ failure }) => failure ?? []))[0] ?? null,
  };
}

function mergeRequests(all: readonly RequestsStatus[]): RequestsStatus {
  const [first] = all as [RequestsStatus];
  const { slots } = first;
  const each = <T>(key: keyof RequestsStatus['slots'], join: (values: readonly (number | null)[]) => T): T[] =>
    slots[key].map((_, index) => join(all.map((one) => one.slots[key][index] ?? null)));
  const added = (values: readonly (number | null)[]): number => sum(values.map((value) => value ?? 0));
  return {
    total: sum(all.map(({ total }) => total)),
    perSecond: Math.round(sum(all.map(({ perSecond }) => perSecond)) * 100) / 100,
    p50: longest(all.map(({ p50 }) => p50)),
    p95: longest(all.map(({ p95 }) => p95)),
    slotSeconds: first.slotSeconds,
    slots: {
      requests: each('requests', added),
      failed: each('failed', added),
      p50: each('p50', longest),
      p95: each('p95', longest),
    },
  };
}

const rank = (state: (typeof healthStates)[number]): number => healthStates.indexOf(state);

const byTrouble = (a: RouteStatus, b: RouteStatus): number =>
  rank(a.health.state) - rank(b.health.state) || (a.name < b.name ? -1 : 1);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function longest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** The newest first; times are ISO 8601. */
function latest<T extends { readonly at: string }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

function uniqueBy<T>(all: readonly T[], keyOf: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}
