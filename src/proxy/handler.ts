import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProxyError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type GuardSettings, guard } from './guard.ts';
import { answerAsLast } from './max-forwards.ts';
import { hasOwnVia } from './pseudonym.ts';
import { respond } from './respond.ts';
import { findRoute, readTarget } from './router.ts';
import { type LiveRoute, Task } from './task.ts';

/** What a request meets: the routes of the running configuration, and the listener it came in by. */
export interface Site {
  /** Ordered by specificity. */
  readonly routes: readonly LiveRoute[];
  /** The listener, as written in the configuration. */
  readonly listener: string;
  readonly guard: GuardSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * A request's life: guard, route, forward; and what it came to is logged once, when the response is over.
 *
 * @param surplus whether its connection is one more than the process takes on
 */
export function serve(request: IncomingMessage, response: ServerResponse, site: Site, surplus = false): void {
  const task = new Task(request, response);
  response.on('close', () => {
    if (!response.writableFinished) task.worker?.abandon();
    report(task, site);
  });
  try {
    if (surplus) throw overloaded();
    const destination = destinationOf(request);
    guard(request, site.guard, destination.authority);
    if (hasOwnVia(request.rawHeaders)) throw loop();
    if (answerAsLast(task)) return;
    const { route, target } = routeTo(destination, site);
    task.routes = site.routes;
    task.listener = site.listener;
    task.authority = destination.authority;
    task.route = route;
    task.target = target;
    route.forward(task);
  } catch (error) {
    const failure = asProxyError(error);
    task.fail(failure);
    const about = { route: task.route?.settings.name, upstream: task.route?.upstream.name };
    task.bytesOut += respond(response, failure, about);
  }
}

function report(task: Task, { logger, metrics }: Site): void {
  const summary = task.summary();
  if (task.fault === undefined) logger.info(summary, 'request');
  else logger.error({ ...summary, err: task.fault }, 'request');
  const { route, status, cause } = summary;
  metrics.request(route, status, cause, (performance.now() - task.started) / 1000);
  if (task.replayed && route !== undefined) metrics.replay(route);
}

function destinationOf(request: IncomingMessage): NonNullable<ReturnType<typeof readTarget>> {
  const destination = readTarget(request.url as string, request.headers.host ?? '');
  if (destination !== undefined) return destination;
  throw new ProxyError('bad-request', 'the request target is neither a path nor an http:// URL', {
    source: 'downstream',
  });
}

function routeTo(destination: ReturnType<typeof destinationOf>, site: Site): { route: LiveRoute; target: string } {
  const found = findRoute(site.routes, { ...destination, listener: site.listener });
  if (found !== undefined) return found;
  const names = site.routes.map(({ settings: { name, match } }) => `${name} (${tell(match)})`).join(', ');
  throw new ProxyError('no-route', `no route takes this host and path; there are: ${names}`, { source: 'downstream' });
}

function tell(match: LiveRoute['settings']['match']): string {
  return Object.entries(match)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

function overloaded(): ProxyError {
  const text = 'as many clients are connected as `limits.connections` allows; close some, or raise it';
  return new ProxyError('overloaded', text, { source: 'downstream', close: true });
}

/** RFC 9209 section 2.3 has a type of its own for it, and recommends this status. */
function loop(): ProxyError {
  const text = 'the request has been here before (Via): the `upstream` of a route leads back to this proxy';
  return new ProxyError('bad-request', text, { source: 'downstream', error: 'proxy_loop_detected', status: 502 });
}

function asProxyError(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error;
  return new ProxyError('internal', 'the proxy failed on this request; see its log', {
    source: 'internal',
    cause: error,
  });
}
