import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import { isoTime } from '../iso-time.ts';
import { oneLine } from './distinguished-name.ts';
import { daysLeft } from './validity.ts';
import { judge } from './verdict.ts';

/** A certificate as a person reads it. */
export interface CertificateSummary {
  /** Distinguished names in one line. */
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whole days until it expires; negative if it has expired. */
  readonly daysLeft: number;
  /** SHA-256. */
  readonly fingerprint: string;
}

/** A server's certificate. */
export interface ServerCertificate extends CertificateSummary {
  /** Its subject alternative names, as OpenSSL prints them; empty if there are none. */
  readonly names: string;
  /** The certificates above it, in order, that the server sent or that are trusted here. */
  readonly chain: readonly CertificateSummary[];
  /** What is wrong with it, one clause each; empty: it verifies. */
  readonly wrong: readonly string[];
}

/**
 * Describes a server's certificate.
 *
 * @param peer as `getPeerCertificate(true)` gives it
 * @param errors what verification found, whatever is known; its validity is looked at here as well, because OpenSSL
 *   names one fault only
 * @param now milliseconds since 1970
 */
export function describeCertificate(
  peer: DetailedPeerCertificate,
  errors: readonly NodeJS.ErrnoException[],
  now = Date.now(),
): ServerCertificate {
  const certificate = new X509Certificate(peer.raw);
  const found = new Map<string, NodeJS.ErrnoException>();
  for (const error of [...errors, ...validity(certificate, now)]) {
    const code = error.code ?? error.message;
    if (!found.has(code)) found.set(code, error);
  }
  const wrong = [...found.values()].map((error) => judge({ stage: 'verified', untrusted: true, error }).hint as string);
  return { ...summary(certificate, now), names: certificate.subjectAltName ?? '', chain: chainOf(peer, now), wrong };
}

function validity({ validFrom, validTo }: X509Certificate, now: number): NodeJS.ErrnoException[] {
  const fault = (code: string) => [Object.assign(new Error(code), { code })];
  if (Date.parse(validTo) < now) return fault('CERT_HAS_EXPIRED');
  return Date.parse(validFrom) > now ? fault('CERT_NOT_YET_VALID') : [];
}

function chainOf(leaf: DetailedPeerCertificate, now: number): CertificateSummary[] {
  const chain: CertificateSummary[] = [];
  const known = new Set([leaf.fingerprint256]);
  let above: DetailedPeerCertificate | undefined = leaf.issuerCertificate;
  // A root is its own issuer.
  while (above !== undefined && !known.has(above.fingerprint256)) {
    known.add(above.fingerprint256);
    chain.push(summary(new X509Certificate(above.raw), now));
    above = above.issuerCertificate;
  }
  return chain;
}

function summary(certificate: X509Certificate, now: number): CertificateSummary {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    notBefore: isoTime(certificate.validFrom),
    notAfter: isoTime(certificate.validTo),
    daysLeft: daysLeft(certificate.validTo, now),
    fingerprint: certificate.fingerprint256,
  };
}
