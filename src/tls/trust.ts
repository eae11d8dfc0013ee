import { existsSync, readFileSync } from 'node:fs';
import * as tls from 'node:tls';

/** Where systems without `tls.getCACertificates` (Node 20) keep their roots as one file, most common first. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The system's trust anchors as PEM certificates, one each.
 *
 * @param files the places to look at where Node cannot tell by itself
 * @throws if there is no system store to be found
 */
export function systemAnchors(files: readonly string[] = systemFiles): readonly string[] {
  const ask = (tls as { getCACertificates?: (type: string) => string[] }).getCACertificates;
  if (ask !== undefined) return ask('system');
  const file = files.find((name) => existsSync(name));
  if (file === undefined)
    throw new Error('this machine has no system trust store where one is expected; name a file in `ca`');
  return pemBlocks(readFileSync(file, 'latin1'), 'CERTIFICATE');
}

/** Node's bundled roots (Mozilla's) and, where there is one, the system's, without doubles. */
export function defaultAnchors(): readonly string[] {
  const all = new Set(tls.rootCertificates.map((pem) => pem.trim()));
  for (const pem of systemOrNone()) all.add(pem.trim());
  return [...all];
}

/** A machine without a system store still has the bundled roots. */
function systemOrNone(): readonly string[] {
  try {
    return systemAnchors();
  } catch {
    return [];
  }
}

/** The PEM blocks of a kind in a text that may hold anything between them. */
export function pemBlocks(text: string, kind: 'CERTIFICATE' | 'X509 CRL'): string[] {
  return text.match(new RegExp(`-----BEGIN ${kind}-----[^-]+-----END ${kind}-----`, 'g')) ?? [];
}
