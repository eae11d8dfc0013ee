import { ProxyError } from '../errors.ts';

/**
 * Refuses a request that says itself that its body is too long, before anything of it is sent.
 *
 * @param fields flat, with one Content-Length at most
 * @param limit in bytes; Infinity for none
 * @throws ProxyError `bad-request` with the status 413
 */
export function admitLength(fields: readonly string[], limit: number): void {
  if (limit === Number.POSITIVE_INFINITY) return;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length' && Number(fields[i + 1]) > limit) {
      throw bodyTooLong(limit);
    }
  }
}

/** What a client is told whose request has more body than the route takes. @param limit in bytes */
export function bodyTooLong(limit: number): ProxyError {
  const text = `the request's body is longer than \`limits.body\` (${limit} bytes); send less, or raise it`;
  return new ProxyError('bad-request', text, { source: 'downstream', status: 413 });
}
