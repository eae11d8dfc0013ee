import type { Task } from './task.ts';

/** What is not sent back by TRACE (RFC 9110 section 9.3.8): who asks knows it, and whoever sees the answer need not. */
const secret = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * Answers a request that may be forwarded no further: TRACE and OPTIONS with `Max-Forwards: 0` (RFC 9110 section 7.6.2).
 *
 * @returns whether it was one
 */
export function answerAsLast({ request, response }: Task): boolean {
  const method = request.method as string;
  const at = maxForwards(method, request.rawHeaders);
  if (at === -1 || Number(request.rawHeaders[at]) !== 0) return false;
  if (method === 'OPTIONS') {
    response.writeHead(200, ['Content-Length', '0']);
    response.end();
    return true;
  }
  const { rawHeaders, httpVersion, url } = request;
  let message = `TRACE ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!secret.has((rawHeaders[i] as string).toLowerCase())) message += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  }
  const body = Buffer.from(`${message}\r\n`, 'latin1');
  response.writeHead(200, ['Content-Type', 'message/http', 'Content-Length', String(body.length)]);
  response.end(body);
  return true;
}

/** Counts this proxy in Max-Forwards, where the method heeds it. @param fields flat; changed in place */
export function spendForward(method: string, fields: string[]): void {
  const at = maxForwards(method, fields);
  if (at !== -1) fields[at] = String(Math.max(0, Number(fields[at]) - 1));
}

/** Where the value of Max-Forwards is; -1 if there is none, it is no number, or the method does not heed it. */
function maxForwards(method: string, fields: readonly string[]): number {
  if (method !== 'OPTIONS' && method !== 'TRACE') return -1;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length !== 12 || name.toLowerCase() !== 'max-forwards') continue;
    return /^\d{1,9}$/.test(fields[i + 1] as string) ? i + 1 : -1;
  }
  return -1;
}
