import type { KeyObject, X509Certificate } from 'node:crypto';

/** Our certificate with those above it. */
export interface Chain {
  /** The key's own certificate first, then each one's issuer, as TLS sends them (RFC 5246 section 7.4.2). */
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
  /** What was given and belongs to no other certificate of the chain. */
  readonly strays: readonly X509Certificate[];
  /** Whether it ends in a root, or below one that is known. */
  readonly complete: boolean;
}

/**
 * Puts certificates into the order in which they are sent.
 *
 * @param given in any order
 * @param known more that may be sent, because they are trusted here; a root of them is not put into the chain
 * @returns undefined if none of those given is the key's
 */
export function arrangeChain(
  key: KeyObject,
  given: readonly X509Certificate[],
  known: readonly X509Certificate[] = [],
): Chain | undefined {
  const leaf = given.find((each) => each.checkPrivateKey(key));
  if (leaf === undefined) return undefined;
  const certificates: [X509Certificate, ...X509Certificate[]] = [leaf];
  let top = leaf;
  let complete = isRoot(leaf);
  while (!complete) {
    const above = issuerOf(top, given) ?? issuerOf(top, known);
    // Two authorities that signed each other would go round in a circle.
    if (above === undefined || certificates.some((each) => isSame(each, above))) break;
    complete = isRoot(above);
    if (!complete || given.includes(above)) certificates.push(above);
    top = above;
  }
  const strays = given.filter((each) => !certificates.some((one) => isSame(one, each)));
  return { certificates, strays, complete };
}

/**
 * The root that a certificate stands directly below, if it is the only one of these that its issuer may be by name and key identifier.
 * Among several OpenSSL chooses, by their dates too.
 */
export function onlyRootAbove(
  certificate: X509Certificate,
  known: readonly X509Certificate[],
): X509Certificate | undefined {
  const candidates = known.filter((each) => certificate.checkIssued(each));
  const [root, ...others] = candidates;
  if (root === undefined || others.some((each) => !isSame(each, root))) return undefined;
  return isRoot(root) && certificate.verify(root.publicKey) ? root : undefined;
}

/** Whether a certificate is signed with its own key: an authority's root, or one that stands for itself. */
export function isRoot(certificate: X509Certificate): boolean {
  // Not by checkIssued, which asks whether it may sign others.
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** The one of these whose key signed a certificate. */
export function issuerOf(
  certificate: X509Certificate,
  candidates: readonly X509Certificate[],
): X509Certificate | undefined {
  return candidates.find((each) => isIssuedBy(certificate, each));
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return a.fingerprint256 === b.fingerprint256;
}
