import type { IncomingMessage } from 'node:http';
import { hasMember } from '../proxy/field-syntax.ts';

/**
 * Whether a request lets its connection be used once more, as far as its version decides (RFC 9112 section 9.3): HTTP/1.0 has to
 * ask for it in Connection, without `close`, and not of a proxy, as by the absolute form. Node's parser heeds only the first,
 * and Proxy-Connection with it.
 */
export function mayPersist({ httpVersionMinor, headers: { connection = '' }, url }: IncomingMessage): boolean {
  if (httpVersionMinor > 0) return true;
  return hasMember(connection, 'keep-alive') && !hasMember(connection, 'close') && /^[/*]/.test(url as string);
}
