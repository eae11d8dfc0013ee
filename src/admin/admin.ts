import { ProxyError } from '../errors.ts';
import { admit } from '../proxy/admission.ts';
import type { ClientRequest, ClientResponse } from '../proxy/client-message.ts';
import { guard } from '../proxy/guard.ts';
import { respond } from '../proxy/respond.ts';
import type { AdminSource } from './admin-source.ts';

/**
 * What every answer says to a browser: nothing from elsewhere is loaded, run or sent to, nobody frames the page, and no
 * other page reads it.
 */
const protection: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/**
 * Answers on the admin listener, to those whom the guard lets in: health, readiness, metrics, and the status as JSON and as
 * a page.
 *
 * @param now milliseconds of the epoch
 */
export async function serveAdmin(
  request: ClientRequest,
  response: ClientResponse,
  source: AdminSource,
  now: number = Date.now(),
): Promise<void> {
  try {
    for (const [name, value] of Object.entries(protection)) response.setHeader(name, value);
    admit(request);
    await source.guard.users?.identify(request.socket);
    guard(request, source.guard);
    // RFC 9110 section 15.5.6.
    if (!isRead(request)) response.setHeader('Allow', 'GET, HEAD');
    const { status = 200, type = plain, text } = await answer(request, { source, now });
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(text);
  } catch (error) {
    const failure = error instanceof ProxyError ? error : fault(error);
    if (failure.code === 'internal') source.logger.error({ admin: true, path: request.url, err: error }, 'request');
    respond(response, failure);
  }
}

const plain = 'text/plain; charset=utf-8';

interface Answer {
  readonly status?: number;
  /** Default: plain text. */
  readonly type?: string;
  readonly text: string;
}

interface Asked {
  readonly source: AdminSource;
  readonly now: number;
}

/** Read when somebody looks: most listeners only ever tell health and metrics. */
const page = () => import('./page/page.ts');

/** What there is, by its path. */
const answers: Readonly<Record<string, (asked: Asked) => Answer | Promise<Answer>>> = {
  '/': async ({ source, now }) => {
    const { renderPage } = await page();
    return { type: 'text/html; charset=utf-8', text: renderPage(await source.status(now)) };
  },
  '/page.css': async () => ({ type: 'text/css; charset=utf-8', text: (await page()).style }),
  '/page.js': async () => ({ type: 'text/javascript; charset=utf-8', text: (await page()).script }),
  '/icon.svg': async () => ({ type: 'image/svg+xml', text: (await page()).icon }),
  '/status': async ({ source, now }) => {
    return { type: 'application/json', text: `${JSON.stringify(await source.status(now))}\n` };
  },
  '/metrics': ({ source, now }) => source.metrics(now),
  '/healthz': () => ({ text: 'alive\n' }),
  '/readyz': async ({ source, now }) => {
    const reasons = await source.unready(now);
    return reasons.length === 0 ? { text: 'ready\n' } : { status: 503, text: `${reasons.join('\n')}\n` };
  },
};

const isRead = ({ method }: ClientRequest): boolean => method === 'GET' || method === 'HEAD';

function answer(request: ClientRequest, asked: Asked): Answer | Promise<Answer> {
  if (!isRead(request)) {
    throw refusal('bad-request', 'the admin listener takes GET and HEAD only', 405);
  }
  const path = request.url?.split('?')[0] as string;
  const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (found !== undefined) return found(asked);
  throw refusal('no-route', 'the admin listener has /, /status, /healthz, /readyz and /metrics', 404);
}

const refusal = (code: 'bad-request' | 'no-route', text: string, status: number): ProxyError =>
  new ProxyError(code, text, { source: 'downstream', status });

const fault = (cause: unknown): ProxyError =>
  new ProxyError('internal', 'the admin listener failed on this request', { source: 'internal', cause });
