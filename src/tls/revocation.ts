import type { X509Certificate } from 'node:crypto';
import { type DerValue, partsOf, readDer, tags, timeOf } from './der.ts';
import { tellName } from './distinguished-name.ts';

/** What is to be known of a certificate revocation list before it is used (RFC 5280 section 5). */
export interface RevocationList {
  /** Its issuer's name in DER. */
  readonly issuer: Buffer;
  /** The same in one line. */
  readonly issuerName: string;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  /** The end of its validity; Infinity where it has none. */
  readonly nextUpdate: number;
}

/**
 * Reads a revocation list. Its signature is not looked at: OpenSSL does that when it is used.
 *
 * @throws Error if it is none
 */
export function readRevocationList(der: Buffer): RevocationList {
  const [tbs] = partsOf(readDer(der));
  if (tbs?.tag !== tags.sequence) throw new Error('no revocation list');
  const fields = partsOf(tbs);
  // Version 1 is not written.
  if (fields[0]?.tag === tags.integer) fields.shift();
  const [, issuer, first, second] = fields;
  if (issuer === undefined || first === undefined) throw new Error('no revocation list');
  const thisUpdate = timeOf(first);
  if (Number.isNaN(thisUpdate)) throw new Error('no revocation list');
  const nextUpdate = second === undefined ? Number.NaN : timeOf(second);
  return {
    issuer: issuer.raw,
    issuerName: tellName(issuer),
    thisUpdate,
    nextUpdate: Number.isNaN(nextUpdate) ? Number.POSITIVE_INFINITY : nextUpdate,
  };
}

/** Whether a certificate bears the name of a list's issuer. */
export function isIssuer(certificate: X509Certificate, { issuer }: RevocationList): boolean {
  return subjectOf(certificate).equals(issuer);
}

/** The subject's name in DER: the sixth field of a certificate with a version, the fifth of one without. */
function subjectOf({ raw }: X509Certificate): Buffer {
  // OpenSSL has read it, so the fields are there.
  const [tbs] = partsOf(readDer(raw)) as [DerValue];
  const fields = partsOf(tbs);
  const versioned = fields[0]?.tag === 0xa0;
  return (fields[versioned ? 5 : 4] as DerValue).raw;
}
