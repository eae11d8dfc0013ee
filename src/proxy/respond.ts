import { documentation, failures, type ProxyError } from '../errors.ts';
import { breakOff } from './break-off.ts';
import type { ClientResponse } from './client-message.ts';
import { linger } from './linger.ts';

/**
 * The Content-Security-Policy of a problem document. Any page can have a browser show one, and it is a document of the proxy's
 * own origin: what the browser loaded for it, such as /favicon.ico, would get past the guard.
 */
export const loadingNothing = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Whom a failure is about, for the document. */
export interface FailedRoute {
  readonly route?: string | undefined;
  /** `host:port` */
  readonly upstream?: string | undefined;
}

/**
 * Answers with a problem document (RFC 9457) and Proxy-Status (RFC 9209); where a response has begun already it is cut
 * short, so that nobody takes it for whole. A client that is still sending gets some time to see the answer: closed at
 * once, the connection would be reset under it (RFC 9112 section 9.6).
 *
 * @returns how many bytes of body were written
 */
export function respond(response: ClientResponse, error: ProxyError, about: FailedRoute = {}): number {
  if (response.headersSent || response.writableEnded) {
    // To a client of HTTP/1.0 the end of the connection may be the end of the body: only a reset says that it is not.
    if (response.req.httpVersionMinor === 0 && response.socket !== null) breakOff(response.socket);
    else response.destroy(error);
    return 0;
  }
  const body = Buffer.from(`${JSON.stringify(problem(error, about))}\n`);
  const fields = [
    'Content-Type',
    'application/problem+json',
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'no-store',
    'Proxy-Status',
    proxyStatus(error),
    'Content-Security-Policy',
    loadingNothing,
  ];
  // RFC 9110 section 11.7.1: a 407 must say how.
  if (error.status === 407) fields.push('Proxy-Authenticate', 'Bearer realm="mtls-proxy"');
  if (error.close) {
    // Besides the field, for those connections that were handed over: Node does not look after them.
    response.shouldKeepAlive = false;
    fields.push('Connection', 'close');
  }
  response.writeHead(error.status, fields);
  response.end(body);
  // A request without a body is complete only at the end of the turn in which it came.
  setImmediate(linger, response.req);
  return body.length;
}

/** The problem document of a failure, as JSON. */
export function problem(error: ProxyError, { route, upstream }: FailedRoute = {}): Record<string, unknown> {
  return {
    type: `${documentation}problems.md#${error.code}`,
    title: failures[error.code].title,
    status: error.status,
    detail: error.message,
    route,
    cause: error.code,
    upstream,
    attempts: error.attempts,
  };
}

/** The Proxy-Status field of a failure: an RFC 8941 item with the error's type and details. */
export function proxyStatus(error: ProxyError): string {
  const alert = error.attempts.at(-1)?.alert;
  const number = error.error === 'tls_alert_received' && alert !== undefined ? `; alert-id=${alert}` : '';
  return `mtls-proxy; error=${error.error}${number}; details="${quotable(error.message)}"`;
}

/** RFC 8941 strings are printable ASCII, with quotation mark and backslash escaped. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
}
