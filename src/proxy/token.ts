import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a token. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * What is wrong with the credentials of a request (RFC 6750 section 2.1, in Proxy-Authorization); undefined if nothing is.
 *
 * @param given the values of all its fields
 * @param token digest of the right one
 */
export function faultOfToken(given: readonly string[], token: Buffer): string | undefined {
  if (given.length === 0) return 'the request has no token';
  if (given.length > 1) return `the request has ${given.length} Proxy-Authorization fields`;
  const [, mine] = /^Bearer +([^ ]+) *$/i.exec(given[0] as string) ?? [];
  // Digests are of one length, so that the comparison takes the same time whatever was given.
  const isRight = mine !== undefined && timingSafeEqual(digestOf(mine), token);
  return isRight ? undefined : 'the token of the request is not the right one';
}
