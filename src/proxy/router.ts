import type { RouteSettings } from '../config/config.ts';
import { lastKnown } from '../last-known.ts';

/** Where a request wants to go, as its request line and Host field say. */
export interface Destination {
  /** Host name, lower case, without a port; empty if the request names none. */
  readonly host: string;
  /** Path and query, byte for byte; `*` for the asterisk form. */
  readonly target: string;
  /** The listener it came in by, as written in the configuration. */
  readonly listener: string;
}

/** A route that takes a request, and the target to ask its upstream for. */
export interface Routed<Route> {
  readonly route: Route;
  readonly target: string;
}

/**
 * Reads the request target in its origin, absolute and asterisk forms (RFC 9112 section 3.2), none of which has a fragment.
 * The absolute form's authority wins over the Host field, and of OPTIONS it means `*` if it has neither path nor query
 * (section 3.2.4).
 *
 * @returns undefined if it is none of them; `authority` only for the absolute form
 */
export function readTarget(
  target: string,
  hostField: string,
  method = 'GET',
): { host: string; target: string; authority?: string } | undefined {
  if (/^\/[^#]*$|^\*$/.test(target)) return { host: hostOf(hostField), target };
  const absolute = /^http:\/\/([^/?#@\s]+)([/?][^#\s]*)?$/i.exec(target);
  if (absolute === null) return undefined;
  const authority = absolute[1] as string;
  const host = hostOf(authority);
  if (host === '') return undefined;
  const rest = absolute[2] ?? (method === 'OPTIONS' ? '*' : '/');
  return { host, authority, target: rest.startsWith('?') ? `/${rest}` : rest };
}

/** The host of `host:port`, lower case, without the brackets of an IPv6 address; empty if it is no such thing. */
export const hostOf = lastKnown((authority) => {
  const found = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]*))(?::\d*)?$/.exec(authority);
  return (found?.[1] ?? found?.[2] ?? '').toLowerCase();
});

/** Routes in the order in which they are asked: the most specific first (path length, then host, then listener). */
export function bySpecificity<Route extends { readonly settings: Pick<RouteSettings, 'match'> }>(
  routes: readonly Route[],
): readonly Route[] {
  const weight = ({ settings: { match } }: Route): number =>
    (match.path === undefined || match.path === '/' ? 0 : match.path.length * 4) +
    (match.host === undefined ? 0 : 2) +
    (match.listen === undefined ? 0 : 1);
  return [...routes].sort((a, b) => weight(b) - weight(a));
}

/**
 * Finds the route that takes a request. A path matches by whole segments, and only where it stays below the prefix
 * however the upstream reads dots, so that nobody walks from one route's path to another's.
 *
 * @param routes as {@link bySpecificity} orders them
 */
export function findRoute<Route extends { readonly settings: Pick<RouteSettings, 'match' | 'stripPath' | 'upstream'> }>(
  routes: readonly Route[],
  destination: Destination,
): Routed<Route> | undefined {
  for (const route of routes) {
    const { match, stripPath, upstream } = route.settings;
    if (match.listen !== undefined && match.listen !== destination.listener) continue;
    if (match.host !== undefined && match.host !== destination.host) continue;
    if (destination.target === '*') {
      if (match.path === undefined || match.path === '/') return { route, target: '*' };
      continue;
    }
    const prefix = match.path === undefined || match.path === '/' ? '' : match.path;
    const rest = below(prefix, destination.target);
    if (rest === undefined) continue;
    const asked = stripPath ? rest : destination.target;
    return { route, target: `${upstream.path}${asked.startsWith('/') ? '' : '/'}${asked}` };
  }
  return undefined;
}

/** What of a target comes after a prefix of whole segments; undefined if it does not lie below it. */
function below(prefix: string, target: string): string | undefined {
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  const next = rest.charAt(0);
  if (next !== '' && next !== '/' && next !== '?') return undefined;
  return rest.includes('.') || rest.includes('%') || rest.includes('\\') ? withoutEscape(rest) : rest;
}

/** The rest unless, with every encoding of dot and slash read as such, some `..` climbs above its start. */
function withoutEscape(rest: string): string | undefined {
  const query = rest.indexOf('?');
  const path = (query === -1 ? rest : rest.slice(0, query))
    .replace(/%2e/gi, '.')
    .replace(/%2f|%5c|\\/gi, '/')
    // Java's servers leave out a segment's parameters before they look at its dots.
    .replace(/(?:;|%3b)[^/]*/gi, '');
  let depth = 0;
  for (const segment of path.split('/')) {
    if (segment === '..') depth -= 1;
    else if (segment !== '.' && segment !== '') depth += 1;
    if (depth < 0) return undefined;
  }
  return rest;
}

/** Whether a route serves a host, on some path: by its `match`, or because it is its upstream's. */
export function leadsTo(
  { settings: { match, upstream } }: { readonly settings: Pick<RouteSettings, 'match' | 'upstream'> },
  host: string,
  listener: string,
): boolean {
  if (match.listen !== undefined && match.listen !== listener) return false;
  return match.host === undefined ? upstream.hostname.toLowerCase() === host : match.host === host;
}

/** The routes by name and what they match, for a person. */
export function tellRoutes(routes: readonly { readonly settings: Pick<RouteSettings, 'name' | 'match'> }[]): string {
  const tell = (match: RouteSettings['match']): string =>
    Object.entries(match)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  return routes.map(({ settings: { name, match } }) => `${name} (${tell(match)})`).join(', ');
}
