import { existsSync, readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { pemBlocks, textOf } from './pem.ts';

/** Where systems without `tls.getCACertificates` (Node 20) keep their roots as one file, most common first. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Node's own way to the system's roots, since 22.15; the types are those of Node 20. */
const nodesOwn = (tls as { getCACertificates?: (kind: 'system' | 'extra') => readonly string[] }).getCACertificates;

/**
 * The system's trust anchors as PEM certificates, one each.
 *
 * @param files the places to look at where Node cannot tell by itself
 * @param ask how Node is asked, where it can be
 * @throws if there is no system store to be found, or an empty one
 */
export function systemAnchors(
  files: readonly string[] = systemFiles,
  ask: typeof nodesOwn | false = nodesOwn,
): readonly string[] {
  const anchors = ask ? ask('system') : anchorsIn(files.find((name) => existsSync(name)));
  // Node gives an empty list where there is no store; a route that trusts nobody is never what was meant.
  if (anchors.length === 0) {
    throw new Error('this machine has no system trust store where one is expected; name a file in `ca`');
  }
  return anchors;
}

function anchorsIn(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  const blocks = pemBlocks(textOf(readFileSync(file)));
  return blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ text }) => text);
}

/** Node's own roots (Mozilla's) as PEM certificates. Not asked for where nobody needs them: Node writes out some 150 then. */
export function bundledAnchors(): readonly string[] {
  return tls.rootCertificates;
}

/**
 * Node's bundled roots, those of NODE_EXTRA_CA_CERTS and the system's, without doubles. A machine without a system store
 * still has the others. Node before 22.15 does not tell what that variable names.
 *
 * @param ask how Node is asked, where it can be
 */
export function defaultAnchors(
  system: () => readonly string[] = systemAnchors,
  ask: typeof nodesOwn | false = nodesOwn,
): readonly string[] {
  const extra = ask ? ask('extra') : [];
  return [...new Set([...bundledAnchors(), ...extra, ...orNone(system)].map((pem) => pem.trim()))];
}

function orNone(system: () => readonly string[]): readonly string[] {
  try {
    return system();
  } catch {
    return [];
  }
}
