import { type Attempt, type Cause, documentation } from '../errors.ts';
import { isoTime } from '../iso-time.ts';
import type { MetricsRegistry, ReloadOutcome } from '../metrics.ts';
import type { LiveRoute } from '../proxy/task.ts';
import type { HandshakeRecord, RouteStats } from '../stats/route-stats.ts';
import { slotSeconds } from '../stats/traffic.ts';
import { daysLeft } from '../tls/validity.ts';
import { type Health, healthStates, judgeHealth } from './health.ts';
import { type AdminView, unready } from './view.ts';

/** What `/status` answers; docs/status.schema.json describes every field. Times are ISO 8601, null stands for none. */
export interface Status {
  readonly generation: number;
  readonly version: string;
  readonly node: string;
  readonly openssl: string;
  readonly started: string;
  readonly now: string;
  readonly uptimeSeconds: number;
  readonly ready: boolean;
  readonly notReady: readonly string[];
  readonly draining: boolean;
  readonly listeners: readonly { readonly address: string; readonly admin: boolean }[];
  /** The configuration as it was read again last; null where it was not. */
  readonly reload: ReloadStatus | null;
  readonly unroutedRequests: number;
  /** Trouble first, then by name. */
  readonly routes: readonly RouteStatus[];
}

/** What came of reading the configuration again. */
export interface ReloadStatus {
  readonly at: string;
  readonly outcome: ReloadOutcome;
  readonly problems: readonly string[];
}

/** One route of {@link Status}. */
export interface RouteStatus {
  readonly name: string;
  readonly match: { readonly path: string | null; readonly host: string | null; readonly listen: string | null };
  readonly upstream: string;
  readonly via: string | null;
  readonly health: Health;
  readonly ladder: LadderStatus;
  readonly handshakes: readonly HandshakeStatus[];
  readonly certificates: readonly CertificateStatus[];
  readonly pool: {
    readonly idle: number;
    readonly busy: number;
    readonly dialing: number;
    readonly waiting: number;
    readonly max: number;
  };
  readonly requests: RequestsStatus;
  readonly failure: FailureStatus | null;
}

/** The offers, and what is known of them. */
export interface LadderStatus {
  readonly offers: readonly string[];
  readonly remembered: { readonly offer: string; readonly provisional: boolean; readonly until: string | null } | null;
  readonly lowered: {
    readonly to: string;
    readonly since: string;
    readonly failed: Attempt;
    readonly sentinel: string | null;
    readonly retry: string | null;
  } | null;
}

/** A way up the ladder that is over. */
export interface HandshakeStatus {
  readonly at: string;
  readonly ms: number;
  readonly purpose: 'request' | 'trial';
  readonly result: 'ok' | 'failed' | 'abandoned';
  readonly protocol: string | null;
  readonly cipher: string | null;
  readonly group: string | null;
  readonly resumed: boolean | null;
  readonly offer: string | null;
  readonly cause: Cause | null;
  readonly attempts: readonly Attempt[];
}

/** A certificate and its span of time. */
export interface CertificateStatus {
  readonly kind: 'client' | 'chain' | 'server';
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
}

/** Requests since the start, and of the last minutes by slots, the oldest first. */
export interface RequestsStatus {
  readonly total: number;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly slotSeconds: number;
  readonly slots: {
    readonly requests: readonly number[];
    readonly failed: readonly number[];
    readonly p50: readonly (number | null)[];
    readonly p95: readonly (number | null)[];
  };
}

/** The last failure that lies with the route. */
export interface FailureStatus {
  readonly at: string;
  readonly cause: Cause;
  readonly status: number;
  readonly detail: string | null;
  readonly help: string;
}

/** Everything as of now. @param now milliseconds of the epoch */
export function statusOf(view: AdminView, metrics: Pick<MetricsRegistry, 'stats' | 'reloads'>, now: number): Status {
  const notReady = unready(view, now);
  const { last } = metrics.reloads;
  const routes = view.routes.map((route) => routeStatus(route, metrics.stats(route.settings.name), now));
  return {
    generation: view.generation,
    version: view.version,
    node: process.versions.node,
    openssl: process.versions.openssl,
    started: isoTime(view.started),
    now: isoTime(now),
    uptimeSeconds: Math.max(0, Math.floor((now - view.started) / 1000)),
    ready: notReady.length === 0,
    notReady,
    draining: view.draining,
    listeners: view.listeners,
    reload: last === undefined ? null : { ...last, at: isoTime(last.at) },
    unroutedRequests: metrics.stats('').durations.count,
    routes: routes.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)),
  };
}

const rank = ({ health: { state } }: RouteStatus): number => healthStates.indexOf(state);

function routeStatus(route: LiveRoute, stats: RouteStats, now: number): RouteStatus {
  const { name, match, via, pool } = route.settings;
  const { upstream } = route;
  const { lastFailure: failure } = stats;
  return {
    name,
    match: { path: match.path ?? null, host: match.host ?? null, listen: match.listen ?? null },
    upstream: upstream.name,
    via: via === undefined ? null : `${via.hostname.includes(':') ? `[${via.hostname}]` : via.hostname}:${via.port}`,
    health: judgeHealth(route, stats, now),
    ladder: ladderStatus(upstream.ladder, now),
    handshakes: stats.recent.map(handshakeStatus).reverse(),
    certificates: upstream.certificates.map((each) => ({ ...each, daysLeft: daysLeft(each.notAfter, now) })),
    pool: { ...upstream.pool.counts, max: pool.maxConnections },
    requests: requestsStatus(stats),
    failure:
      failure === undefined
        ? null
        : {
            at: isoTime(failure.at),
            cause: failure.cause,
            status: failure.status,
            detail: failure.detail ?? null,
            help: `${documentation}problems.md#${failure.cause}`,
          },
  };
}

function ladderStatus(
  { offers, remembered, lowered, retryIn }: LiveRoute['upstream']['ladder'],
  now: number,
): LadderStatus {
  const offer = (index: number) => offers[index] as string;
  return {
    offers,
    remembered:
      remembered === undefined
        ? null
        : {
            offer: offer(remembered.index),
            provisional: remembered.index > 0,
            until: Number.isFinite(remembered.left) ? isoTime(now + remembered.left) : null,
          },
    lowered:
      lowered === undefined
        ? null
        : {
            to: offer(lowered.index),
            since: isoTime(lowered.at),
            failed: lowered.first,
            sentinel: lowered.sentinel ?? null,
            retry: retryIn === undefined ? null : isoTime(now + retryIn),
          },
  };
}

function handshakeStatus(record: HandshakeRecord): HandshakeStatus {
  const { at, ms, purpose, protocol, cipher, group, resumed, offer, cause, attempts } = record;
  const failed = cause !== undefined || (purpose === 'trial' && protocol === undefined);
  return {
    at: isoTime(at),
    ms,
    purpose,
    result: failed ? 'failed' : protocol === undefined ? 'abandoned' : 'ok',
    protocol: protocol ?? null,
    cipher: cipher ?? null,
    group: group ?? null,
    resumed: resumed ?? null,
    offer: offer ?? null,
    cause: cause ?? null,
    attempts,
  };
}

function requestsStatus({ durations, traffic }: RouteStats): RequestsStatus {
  const { overall, perSecond, ...slots } = traffic.view();
  return { total: durations.count, perSecond: round(perSecond), ...overall, slotSeconds, slots };
}

/** Two digits behind the point. */
const round = (value: number): number => Math.round(value * 100) / 100;
