import type { X509Certificate } from 'node:crypto';
import { tellName } from './distinguished-name.ts';
import { childrenOf, type Element, readElement, tags } from './stores/der.ts';
import { damaged } from './stores/fault.ts';

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
 * @throws KeystoreError if it is none
 */
export function readRevocationList(der: Buffer): RevocationList {
  const [tbs] = childrenOf(readElement(der), tags.sequence);
  const fields = [...childrenOf(tbs, tags.sequence)];
  // Version 1 is not written.
  if (fields[0]?.tag === tags.integer) fields.shift();
  const [, issuer, first, second] = fields;
  const thisUpdate = timeOf(first);
  if (issuer === undefined || Number.isNaN(thisUpdate)) throw damaged('no revocation list');
  const nextUpdate = timeOf(second);
  return {
    issuer: issuer.bytes,
    issuerName: tellName(issuer),
    thisUpdate,
    nextUpdate: Number.isNaN(nextUpdate) ? Number.POSITIVE_INFINITY : nextUpdate,
  };
}

const utcTime = 0x17;
const generalizedTime = 0x18;

/** A time as RFC 5280 section 4.1.2.5 writes it, in milliseconds since 1970; NaN for anything else. */
function timeOf(element: Element | undefined): number {
  if (element?.tag !== utcTime && element?.tag !== generalizedTime) return Number.NaN;
  const text = element.content.toString('latin1');
  const long = element.tag === utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const iso = long.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso);
}

/** Whether a certificate bears the name of a list's issuer. */
export function isIssuer(certificate: X509Certificate, { issuer }: RevocationList): boolean {
  return subjectOf(certificate).equals(issuer);
}

/** The subject's name in DER: the sixth field of a certificate with a version, the fifth of one without. */
function subjectOf({ raw }: X509Certificate): Buffer {
  const [tbs] = childrenOf(readElement(raw), tags.sequence);
  const fields = childrenOf(tbs, tags.sequence);
  // OpenSSL has read it, so the field is there.
  return (fields[fields[0]?.tag === tags.context0 ? 5 : 4] as Element).bytes;
}
