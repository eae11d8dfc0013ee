import type { RouteSettings } from '../config/config.ts';
import { findRoute, hostOf, readTarget } from './router.ts';
import type { Task } from './task.ts';

type Settings = Pick<RouteSettings, 'match' | 'stripPath' | 'upstream' | 'host'>;

/** How one request's client sees the proxy: what an address of an upstream is called on its side. */
export interface View {
  /** The route the request took. */
  readonly route: Settings;
  readonly routes: readonly { readonly settings: Settings }[];
  /** As written in the configuration. */
  readonly listener: string;
  /** Host and port by which the client called, in its own spelling; undefined if it did not say. */
  readonly authority: string | undefined;
  /** Whether it uses this proxy for whatever host (absolute form), and so can be sent to other names. */
  readonly forward: boolean;
  /** Path that it asked for, without a query. */
  readonly path: string;
}

/** The view of a routed task's client. */
export function viewOf(task: Task): View {
  const { request, route, routes, listener } = task;
  const called = task.authority ?? request.headers.host;
  const target = readTarget(request.url as string, '')?.target ?? '/';
  return {
    route: (route as NonNullable<typeof route>).settings,
    routes,
    listener,
    authority: called !== undefined && hostOf(called) !== '' && /^[\x21-\x7e]+$/.test(called) ? called : undefined,
    forward: task.authority !== undefined,
    path: target.split('?', 1)[0] as string,
  };
}

/** The path that comes before everything the client reaches by a route; empty for all paths. */
export function prefixOf({ match }: Pick<Settings, 'match'>): string {
  return match.path === undefined || match.path === '/' ? '' : match.path;
}

/**
 * A URI reference of an upstream (RFC 9110 section 10.2.2) as the client has to follow it: an address of the route's
 * upstream, or of another route's, becomes this proxy's. Relative references, foreign addresses and what is not
 * understood stay as they are.
 *
 * An absolute path is of the upstream that sent it. A host counts as the upstream's if scheme and port are the
 * upstream's, too; `http` with its port, because TLS is spoken there; and the name by which the client called, with
 * `https`, or where the upstream was told that name as its own.
 */
export function localReference(reference: string, view: View): string {
  if (/^\/(?![/\\])/.test(reference)) {
    const { path, fragment } = parted(reference);
    const local = localAddress(view.route.upstream, path, view);
    if (local === undefined) return reference;
    return local.authority === view.authority
      ? local.path + fragment
      : `http://${local.authority}${local.path}${fragment}`;
  }
  const url = /^(?:(https?):)?\/\/(\[[\da-f:.]+\]|[^/?#@:\\[\]\s]+)(?::(\d{1,5}))?(?=[/?#]|$)(.*)$/is.exec(reference);
  if (url === null) return reference;
  const [, scheme = 'https', host = '', port, rest = ''] = url;
  const { path, fragment } = parted(rest);
  const place = placeOf(scheme.toLowerCase() === 'https', hostOf(host), port, view);
  const local = place && localAddress(place, path, view);
  if (local === undefined) return reference;
  return `${local.authority === undefined ? '' : `http://${local.authority}`}${local.path}${fragment}`;
}

interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** The upstream's address that a URL means; undefined if it means none. */
function placeOf(secure: boolean, hostname: string, port: string | undefined, view: View): Place | undefined {
  const { upstream, host } = view.route;
  const place = { hostname, port: Number(port ?? (secure ? 443 : 80)) };
  if (isSame(place, upstream)) return upstream;
  if ((secure || host === 'preserve') && isCalled(place, secure, view)) return upstream;
  return secure ? place : undefined;
}

/** Whether it is the name by which the client called; a port left out is one of its scheme, and those are the same. */
function isCalled({ hostname, port }: Place, secure: boolean, { authority }: View): boolean {
  if (authority === undefined || hostOf(authority) !== hostname) return false;
  const called = Number(/:(\d+)$/.exec(authority)?.[1] ?? 80);
  return port === called || (called === 80 && port === (secure ? 443 : 80));
}

function isSame(a: Place, b: Place): boolean {
  return a.hostname === b.hostname && a.port === b.port;
}

/**
 * Where the client finds a path and query of an upstream. The route it came by comes first; of others one must stand
 * out, by the longest base path. Each is asked whether the way back really leads there.
 */
function localAddress(
  place: Place,
  path: string,
  view: View,
): { authority: string | undefined; path: string } | undefined {
  const own = isSame(place, view.route.upstream) ? localBy(view.route, path, view) : undefined;
  if (own !== undefined) return own;
  let best: ReturnType<typeof localBy>;
  let length = -1;
  for (const { settings } of view.routes) {
    if (settings === view.route || !isSame(place, settings.upstream)) continue;
    const base = settings.upstream.path.length;
    const local = base < length ? undefined : localBy(settings, path, view);
    if (local === undefined) continue;
    best = base === length ? undefined : local;
    length = base;
  }
  return best;
}

function localBy(
  route: Settings,
  path: string,
  view: View,
): { authority: string | undefined; path: string } | undefined {
  const { upstream, match, stripPath } = route;
  const rest = below(upstream.path, path);
  if (rest === undefined) return undefined;
  const here = view.authority === undefined ? '' : hostOf(view.authority);
  const authority =
    match.host === undefined || match.host === here ? view.authority : view.forward ? match.host : undefined;
  if (match.host !== undefined && authority === undefined) return undefined;
  const bare = (stripPath ? prefixOf(route) : '') + rest;
  const local = bare.startsWith('/') ? bare : `/${bare}`;
  const host = authority === undefined ? '' : hostOf(authority);
  const back = findRoute(view.routes, { host, target: local, listener: view.listener });
  const asked = upstream.path + (rest.startsWith('/') ? rest : `/${rest}`);
  return back?.route.settings === route && back.target === asked ? { authority, path: local } : undefined;
}

/** What of a path and query comes after a base of whole segments; undefined if it does not lie below it. */
function below(base: string, path: string): string | undefined {
  if (!path.startsWith(base)) return undefined;
  const rest = path.slice(base.length);
  return rest === '' || rest.startsWith('/') || rest.startsWith('?') ? rest : undefined;
}

function parted(reference: string): { path: string; fragment: string } {
  const at = reference.indexOf('#');
  return at === -1
    ? { path: reference, fragment: '' }
    : { path: reference.slice(0, at), fragment: reference.slice(at) };
}
