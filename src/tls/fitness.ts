import type { X509Certificate } from 'node:crypto';
import type { Version } from '../config/config.ts';
import { algorithmOf, childrenOf, readElement, tags } from './stores/der.ts';

/** Extended key usages (RFC 5280 section 4.2.1.12) by which a certificate may be a client's. */
const clientUsages = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

/** Signature algorithms whose digest can be forged. */
const forgeable: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
};

/** The curves by which TLS 1.3 signs (RFC 8446 section 4.2.3), in OpenSSL's names. */
const curvesOfTls13 = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Why servers may refuse a client certificate whatever its issuer, one clause each with what to do.
 *
 * @param versions those that the route offers
 */
export function doubtsAbout(certificate: X509Certificate, versions: readonly Version[]): string[] {
  const doubts: string[] = [];
  // Node's name for the extended one; undefined: made for everything.
  const usages = certificate.keyUsage as readonly string[] | undefined;
  if (usages !== undefined && !usages.some((usage) => clientUsages.includes(usage))) {
    doubts.push('it is not made for clients (extended key usage without clientAuth); ask its issuer for one that is');
  }
  doubts.push(...weakness(certificate, versions), ...misfit(certificate, versions));
  return doubts;
}

/** At TLS 1.1 and below security level 0 holds, and such servers want nothing better. */
function weakness(certificate: X509Certificate, versions: readonly Version[]): string[] {
  if (!versions.some((version) => version === 'TLSv1.2' || version === 'TLSv1.3')) return [];
  const weak: string[] = [];
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0 } = {} } = certificate.publicKey;
  if (type !== 'ec' && modulusLength > 0 && modulusLength < 2048) {
    weak.push(`its key has only ${modulusLength} bits; renew it with 2048 or more`);
  }
  const digest = forgeable[algorithmOf(childrenOf(readElement(certificate.raw), tags.sequence)[1]).oid];
  if (digest !== undefined) weak.push(`it is signed with ${digest}; ask its issuer for one with SHA-256`);
  return weak;
}

/** Keys that a version cannot sign with: the handshake goes on as if there were no certificate. */
function misfit({ publicKey }: X509Certificate, versions: readonly Version[]): string[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: { namedCurve = '' } = {} } = publicKey;
  const old = versions.find((version) => version === 'TLSv1.1' || version === 'TLSv1');
  if (type === 'ec' && versions.includes('TLSv1.3') && !curvesOfTls13.includes(namedCurve)) {
    return [`TLSv1.3 cannot use its key (${namedCurve}); take that out of \`versions\`, or renew it with P-256`];
  }
  if (type === 'dsa' && versions.includes('TLSv1.3')) {
    return ['TLSv1.3 cannot use its key (DSA); take that out of `versions`, or renew it with RSA or P-256'];
  }
  if ((type === 'ed25519' || type === 'ed448') && old !== undefined) {
    return [`${old} cannot use its key (${type}); take that out of \`versions\`, or renew it with RSA`];
  }
  return [];
}
