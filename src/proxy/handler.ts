import { clock } from '../clock.ts';
import { isLoopback } from '../config/addresses.ts';
import { ProxyError } from '../errors.ts';
import { admit } from './admission.ts';
import type { ClientRequest, ClientResponse } from './client-message.ts';
import { connect, enclosureOf } from './connect.ts';
import { type GuardSettings, guard, withoutToken } from './guard.ts';
import type { HandOver } from './hand-over.ts';
import { answerAsLast } from './max-forwards.ts';
import type { Outgoing } from './outgoing.ts';
import { hasOwnVia } from './pseudonym.ts';
import { findRoute, hostOf, leadsTo, readTarget, tellRoutes } from './router.ts';
import type { Site, Surplus } from './site.ts';
import { type LiveRoute, Task } from './task.ts';

/**
 * What a request has come to in a configuration: the same for each that has the same head and comes from the same address. Its connection
 * may stay without another one for long: it must keep nothing of a configuration alive.
 */
interface Decision {
  /** Of the site. */
  readonly key: symbol;
  /** Its place among the site's. */
  readonly route: number;
  readonly target: string;
  readonly outgoing: Outgoing | undefined;
}

/** Where what stands for each request with the same head keeps the decision. */
const decided = Symbol('decision');

interface Deciding {
  [decided]?: Decision;
}

/**
 * A request's life: admit, guard, route, forward; and what it came to is logged once, when the response is over.
 *
 * @param surplus the limit that its connection is over
 * @param handOver the client's connection, if the request asks to have it: by an upgrade, or by CONNECT
 * @returns what runs now, and is over when the response is closed
 */
export function serve(
  request: ClientRequest,
  response: ClientResponse,
  site: Site,
  surplus?: Surplus,
  handOver?: HandOver,
): Task {
  const task = new Task(request, response, handOver);
  response.on('close', () => finish(task, site));
  const identified = surplus !== undefined ? undefined : site.guard.users?.identify(request.socket);
  if (identified === undefined) begin(task, site, surplus);
  else void identified.then(() => begin(task, site, surplus));
  return task;
}

function begin(task: Task, site: Site, surplus: Surplus | undefined): void {
  const { request, response } = task;
  // Its client has left while it was found out who that is.
  if (response.destroyed) return;
  try {
    if (surplus !== undefined) throw overloaded(surplus);
    const decision = (request.recurs as Deciding | undefined)?.[decided];
    if (decision?.key === site.key) {
      // Nothing else of the guard's is about anything but the bytes.
      site.guard.users?.check(request.socket);
      task.outgoing = decision.outgoing;
      forward(task, site, site.routes[decision.route] as LiveRoute, decision.target);
      return;
    }
    admit(request);
    if (request.method === 'CONNECT') {
      connect(task, site);
      return;
    }
    const destination = destinationOf(request);
    guard(request, guardOf(request, site), destination.authority);
    if (hasOwnVia(request.rawHeaders)) throw loop();
    if (answerAsLast(task)) return;
    const { route, target } = routeTo(destination, site);
    task.authority = destination.authority;
    forward(task, site, route, target);
    if (request.recurs !== undefined) {
      const { outgoing } = task;
      (request.recurs as Deciding)[decided] = { key: site.key, route: site.routes.indexOf(route), target, outgoing };
    }
  } catch (error) {
    task.fail(error);
  }
}

function forward(task: Task, { routes, listener }: Site, route: LiveRoute, target: string): void {
  task.routes = routes;
  task.listener = listener;
  task.route = route;
  task.target = target;
  route.forward(task);
}

/** The response is over, or the client has left before it was. */
function finish(task: Task, { logger, metrics }: Site): void {
  try {
    if (!task.answered) task.work?.abandon();
  } catch (error) {
    task.breakOff(error);
  }
  const summary = task.summary();
  if (task.fault !== undefined) logger.error({ ...summary, err: task.fault }, 'request');
  else if (logger.request !== undefined) logger.request(summary);
  else logger.info(summary, 'request');
  const { route, status, cause, detail } = summary;
  metrics.request(route, status, cause, (clock() - task.started) / 1000, detail);
  if (task.replayed && route !== undefined) metrics.replay(route);
}

/** Inside a CONNECT the token has been shown already: clients send it only there. */
function guardOf({ socket }: ClientRequest, { guard: settings }: Site): GuardSettings {
  return settings.token === undefined || enclosureOf(socket) === undefined ? settings : withoutToken(settings);
}

function destinationOf(request: ClientRequest): NonNullable<ReturnType<typeof readTarget>> {
  const destination = readTarget(request.url as string, request.headers.host ?? '', request.method);
  if (destination === undefined) {
    throw refusal('bad-request', 'the request target is neither a path nor an http:// URL, or has a fragment (#)');
  }
  // RFC 9112 section 3.2.4.
  if (destination.target === '*' && request.method !== 'OPTIONS') {
    throw refusal('bad-request', 'the request target * is for OPTIONS only');
  }
  const tunnel = enclosureOf(request.socket)?.authority;
  if (tunnel === undefined) return destination;
  const host = hostOf(tunnel);
  if (destination.host === host || destination.host === '') return { ...destination, host, authority: tunnel };
  throw refusal(
    'guard',
    `the request came by CONNECT ${tunnel}, and names the host ${JSON.stringify(destination.host)}; no key allows that: send it on a connection of its own`,
  );
}

function routeTo(destination: ReturnType<typeof destinationOf>, site: Site): { route: LiveRoute; target: string } {
  const { host, target } = destination;
  const found = findRoute(site.routes, { host, target, listener: site.listener });
  if (found !== undefined) return found;
  const text = `no route takes this host and path; there are: ${tellRoutes(site.routes)}`;
  throw refusal('no-route', `${text}${adviceFor(destination, site)}`);
}

/** What to add for a client that uses us as its HTTP proxy, and calls the upstream of a route that only takes a path. */
function adviceFor({ host, authority }: ReturnType<typeof destinationOf>, { routes, listener }: Site): string {
  const meant = authority === undefined ? undefined : routes.find((route) => leadsTo(route, host, listener));
  // By a route for `localhost` every mistaken path would be taken: those call us by that name, too.
  if (meant === undefined || meant.settings.match.host !== undefined || isLoopback({ host, port: 0 })) return '';
  return `; a program that uses this as its HTTP proxy needs a route with \`match: { host: ${host} }\``;
}

function overloaded(surplus: Surplus): ProxyError {
  const whose = surplus === 'connections' ? 'as many clients are connected' : 'this client has as many connections';
  const text = `${whose} as \`limits.${surplus}\` allows; close some, or raise it`;
  return new ProxyError('overloaded', text, { source: 'downstream', close: true });
}

/** RFC 9209 section 2.3 has a type of its own for it, and recommends this status. */
function loop(): ProxyError {
  const text = 'the request has been here before (Via): the `upstream` of a route leads back to this proxy';
  return new ProxyError('bad-request', text, { source: 'downstream', error: 'proxy_loop_detected', status: 502 });
}

function refusal(cause: 'bad-request' | 'guard' | 'no-route', text: string): ProxyError {
  return new ProxyError(cause, text, { source: 'downstream' });
}
