import type { RouteSettings } from '../config/config.ts';
import type { Credentials } from '../tls/credentials.ts';
import type { ServerIdentity } from '../tls/identity.ts';
import type { LadderSettings } from '../tls/offer-attempts.ts';

/** What of a route its `Upstream` heeds; all else is the proxy's. */
export type UpstreamSettings = Pick<RouteSettings, 'name' | 'upstream' | 'tls' | 'pool' | 'timeouts' | 'via'>;

/** `host:port`, as logs, problem documents and commands name an upstream. */
export function nameOf({ upstream: { hostname, port } }: Pick<RouteSettings, 'upstream'>): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

/** Whom a route expects at its upstream. */
export function identityOf({ tls, upstream }: Pick<RouteSettings, 'tls' | 'upstream'>): ServerIdentity {
  return { name: tls.servername ?? upstream.hostname, verifyHostname: tls.verifyHostname, pins: tls.pins };
}

/** What a route's ladder needs to know. */
export function ladderSettings(route: UpstreamSettings, { offers, contexts }: Credentials): LadderSettings {
  const { upstream, tls, timeouts, via } = route;
  const { hostname, port } = upstream;
  const { remember, resume, downgrade } = tls;
  const identity = identityOf(route);
  return { hostname, port, via, identity, offers, contexts, timeouts, remember, resume, downgrade };
}
