import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProxyError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Gauge, MetricsRegistry } from '../metrics.ts';
import { type GuardSettings, guard } from '../proxy/guard.ts';
import { respond } from '../proxy/respond.ts';
import type { LiveRoute } from '../proxy/task.ts';

/** What the admin listener shows. */
export interface AdminView {
  readonly guard: GuardSettings;
  readonly routes: readonly LiveRoute[];
  /** Of former configurations, with requests or tunnels that are not over. */
  readonly retired: readonly LiveRoute[];
  /** Counts the configurations that have run, from 1. */
  readonly generation: number;
  /** Its other listeners are not open yet. */
  readonly starting: boolean;
  /** The proxy takes no new connection any more. */
  readonly draining: boolean;
  readonly logger: Logger;
}

/**
 * Answers on the admin listener: `/healthz`, `/readyz` and `/metrics`, to those whom the guard lets in.
 *
 * @param now milliseconds of the epoch
 */
export async function serveAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  view: AdminView,
  metrics: MetricsRegistry,
  now: number = Date.now(),
): Promise<void> {
  try {
    // RFC 9112 section 3.2.
    if (request.headers.host === undefined && request.httpVersionMinor === 1) {
      throw refusal('bad-request', 'the request is HTTP/1.1 and has no Host field; send one', 400);
    }
    await view.guard.users?.identify(request.socket);
    guard(request, view.guard);
    const { status = 200, type = 'text/plain; charset=utf-8', text } = await answer(request, view, metrics, now);
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(text);
  } catch (error) {
    const failure = error instanceof ProxyError ? error : fault(error);
    if (failure.code === 'internal') view.logger.error({ admin: true, path: request.url, err: error }, 'request');
    respond(response, failure);
  }
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly text: string;
}

function answer(
  { method, url }: IncomingMessage,
  view: AdminView,
  metrics: MetricsRegistry,
  now: number,
): Answer | Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') {
    const text = 'the admin listener takes GET and HEAD only';
    throw new ProxyError('bad-request', text, { source: 'downstream', status: 405, allow: 'GET, HEAD' });
  }
  switch (url?.split('?')[0]) {
    case '/healthz':
      return { text: 'alive\n' };
    case '/readyz': {
      const reasons = unready(view, now);
      return reasons.length === 0 ? { text: 'ready\n' } : { status: 503, text: `${reasons.join('\n')}\n` };
    }
    case '/metrics':
      return metrics.show(gaugeOf(view)).then((text) => ({ type: metrics.contentType, text }));
    default:
      throw refusal('no-route', 'the admin listener has /healthz, /readyz and /metrics', 404);
  }
}

/** Why no traffic should come here: one line each. */
function unready({ starting, draining, routes }: AdminView, now: number): string[] {
  const expired = routes.flatMap(({ settings: { name }, upstream }) =>
    upstream.certificates
      .filter(({ kind, notAfter }) => kind === 'client' && Date.parse(notAfter) <= now)
      .map(({ notAfter }) => `route ${name}: the client certificate expired on ${notAfter}`),
  );
  return [...(starting ? ['starting'] : []), ...(draining ? ['draining'] : []), ...expired];
}

function gaugeOf({ routes, retired }: AdminView): Gauge {
  return {
    connections: [...routes, ...retired].flatMap(({ settings: { name: route }, upstream: { pool } }) =>
      Object.entries(pool.counts).map(([state, count]) => ({ route, state, count })),
    ),
    certificates: routes.flatMap(({ settings: { name: route }, upstream }) =>
      upstream.certificates.map(({ kind, notAfter }) => ({ route, kind, notAfter: Date.parse(notAfter) / 1000 })),
    ),
  };
}

const refusal = (code: 'bad-request' | 'no-route', text: string, status: number): ProxyError =>
  new ProxyError(code, text, { source: 'downstream', status });

const fault = (cause: unknown): ProxyError =>
  new ProxyError('internal', 'the admin listener failed on this request', { source: 'internal', cause });
