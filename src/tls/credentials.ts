import type { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import type { TlsSettings } from '../config/config.ts';
import { type AnchorMeans, readAnchors } from './anchors.ts';
import { isRoot, onlyRootAbove } from './chain.ts';
import { readClientIdentity } from './client-identity.ts';
import { type CredentialPlace, type CredentialProblem, CredentialProblems } from './credential-problem.ts';
import { oneLine } from './distinguished-name.ts';
import { openKeyEntry, openTrustAnchors } from './keystore.ts';
import { type Offer, offersOf } from './offers.ts';
import { readRevocationLists } from './revocation-lists.ts';
import { systemAnchors } from './trust.ts';
import { type CertificateEnd, endOf } from './validity.ts';

/** SSL_OP_LEGACY_SERVER_CONNECT: allows servers that do not know RFC 5746. */
const legacyServerConnect = 0x4;

/** What a route proves and whom it trusts, made ready for handshakes. */
export interface Credentials {
  readonly offers: readonly Offer[];
  /** One context an offer, in the same order. */
  readonly contexts: readonly tls.SecureContext[];
  /** Our certificate, if the route has one. */
  readonly certificate: X509Certificate | undefined;
  /** The ends of our certificate and of its chain. */
  readonly ends: readonly CertificateEnd[];
  /** What does not keep them from being used. */
  readonly warnings: readonly CredentialProblem[];
}

/** What credentials are read with; each is given only by those who want something else. */
export interface CredentialMeans extends AnchorMeans {
  readonly openKeyEntry: typeof openKeyEntry;
}

/**
 * Reads and proves everything that a route's `tls` names, and builds one SecureContext per offer.
 *
 * @returns the credentials, or every problem found (at least one is an error); never throws for what a user wrote
 */
export function loadCredentials(
  settings: TlsSettings,
  means: Partial<CredentialMeans> = {},
): Credentials | readonly CredentialProblem[] {
  const all = { system: systemAnchors, openKeyEntry, openTrustAnchors, ...means };
  const problems = new CredentialProblems();
  const anchors = readAnchors(settings, all, problems);
  const identity = readClientIdentity(settings, anchors.certificates, all.openKeyEntry, problems, all.read);
  const crl = readRevocationLists(settings, anchors, problems, all.read);
  if (problems.failed) return problems.all;

  const options: tls.SecureContextOptions = { ca: [...anchors.pem] };
  if (identity !== undefined) {
    options.cert = identity.certificates.join('');
    options.key = identity.pem;
  }
  if (crl.length > 0) options.crl = crl;
  if (settings.legacyServerConnect) options.secureOptions = legacyServerConnect;
  // For a certificate that is sent alone OpenSSL looks in each handshake whether its issuer is trusted here, proves it, and sends that one,
  // too: a twentieth of a full handshake. Where the issuer stands behind it from the beginning, the same is sent, and nothing looked for.
  const [own, ...above] = identity?.certificates ?? [];
  const isAlone = own !== undefined && above.length === 0 && !isRoot(own);
  const root = isAlone ? onlyRootAbove(own, anchors.certificates()) : undefined;
  let unfit: string | undefined;
  const offers = offersOf(settings);
  const contexts: tls.SecureContext[] = [];
  for (const offer of offers) {
    try {
      const context = root && contextWith(root, offer, settings.ciphers, options);
      if (typeof context === 'string') unfit = context;
      contexts.push(typeof context === 'object' ? context : contextOf(offer, settings.ciphers, options));
    } catch (error) {
      const { place, message } = explain(error as NodeJS.ErrnoException, offer, settings);
      problems.error(place, message);
      return problems.all;
    }
  }
  if (root !== undefined && unfit !== undefined) {
    problems.warn({ key: settings.truststore === undefined ? 'ca' : 'truststore' }, tooWeak(root, unfit));
  }
  const ends = (identity?.certificates ?? []).map((each, index) => endOf(index === 0 ? 'client' : 'chain', each));
  return { offers, contexts, certificate: identity?.certificates[0], ends, warnings: problems.all };
}

/** Only the context of TLS 1.0 and 1.1 has security level 0: an explicit level would hold for any version in it. */
function contextOf(offer: Offer, ciphers: string | undefined, options: tls.SecureContextOptions): tls.SecureContext {
  const own: tls.SecureContextOptions = { ...options, minVersion: offer.min, maxVersion: offer.max };
  if (offer.groups !== undefined) own.ecdhCurve = offer.groups;
  if (ciphers !== undefined) own.ciphers = ciphers;
  if (offer.legacy && !ciphers?.includes('@SECLEVEL')) own.ciphers = `${ciphers ?? 'DEFAULT'}@SECLEVEL=0`;
  return tls.createSecureContext(own);
}

/** A context whose chain has the root above our certificate, or why OpenSSL builds none. */
function contextWith(
  root: X509Certificate,
  offer: Offer,
  ciphers: string | undefined,
  options: tls.SecureContextOptions,
) {
  try {
    return contextOf(offer, ciphers, { ...options, cert: `${options.cert}${root}` });
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function tooWeak({ subject }: X509Certificate, code: string): string {
  return `OpenSSL sends the root above our certificate along, ${oneLine(subject)}, and does not take it at this security level (${code}), so that a handshake fails if the server asks for our certificate; take that root out, or set \`ciphers: "DEFAULT@SECLEVEL=0"\``;
}

/** The few things that OpenSSL refuses only when the context is built, each with the key to look at. */
function explain(
  { code, message }: NodeJS.ErrnoException,
  offer: Offer,
  settings: TlsSettings,
): { place: CredentialPlace; message: string } {
  // Node has texts of its own, and one code, for what it does not ask OpenSSL's error queue about.
  const told = code === 'ERR_CRYPTO_OPERATION_FAILED' ? message : String(code);
  if (/KEY_TOO_SMALL|MD_TOO_WEAK/.test(told)) {
    const weak = `our certificate is too weak for OpenSSL's default level (${told}); renew it, or set \`ciphers: "DEFAULT@SECLEVEL=0"\``;
    return {
      place: { key: (['cert', 'pfx'] as const).find((key) => settings[key] !== undefined) ?? 'keystore' },
      message: weak,
    };
  }
  if (settings.ciphers !== undefined && /INVALID_COMMAND/.test(told)) {
    const what = `OpenSSL does not know a word with @ of this list (${told}); @SECLEVEL= takes 0 to 5`;
    return { place: { key: 'ciphers' }, message: what };
  }
  if (/CIPHER/.test(told)) {
    return { place: { key: 'ciphers' }, message: `OpenSSL knows no cipher of this list (${told})` };
  }
  if (/CRL/.test(told)) return { place: { key: 'crl' }, message: `the revocation list is damaged (${told})` };
  if (/ECDH curve/.test(told)) {
    const which = `this OpenSSL (${process.versions.openssl}) does not know all of these groups`;
    return { place: { key: 'groups' }, message: which };
  }
  return { place: { key: 'versions' }, message: `OpenSSL cannot be set up for ${offer.name} (${told})` };
}
