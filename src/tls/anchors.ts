import { X509Certificate } from 'node:crypto';
import type { StoreSettings, TlsSettings } from '../config/config.ts';
import { type ReadFile, readBytes, readCertificates } from './certificate-file.ts';
import { isRoot, issuerOf } from './chain.ts';
import type { CredentialPlace, CredentialProblems } from './credential-problem.ts';
import { oneLine } from './distinguished-name.ts';
import { KeystoreError, type openTrustAnchors } from './keystore.ts';
import { refusedStore } from './misplaced.ts';
import { bundledAnchors, defaultAnchors } from './trust.ts';
import { dateOf } from './validity.ts';

/** Whom a route trusts. */
export interface Anchors {
  /** PEM, one certificate each, without doubles. */
  readonly pem: readonly string[];
  /** The same, read when they are first asked for: the roots of Node and of the system are many. */
  readonly certificates: () => readonly X509Certificate[];
}

/** What anchors are read with. */
export interface AnchorMeans {
  /** The system's anchors as PEM. @throws Error if there is no store */
  readonly system: () => readonly string[];
  readonly openTrustAnchors: typeof openTrustAnchors;
  /** Left out: from where they lie. */
  readonly read?: ReadFile;
}

interface Own {
  readonly certificate: X509Certificate;
  readonly file: string;
  readonly place: CredentialPlace;
}

/** Reads the trust anchors that a route names by `ca` or `truststore`; what is wrong is reported. */
export function readAnchors(
  { ca, truststore }: TlsSettings,
  means: AnchorMeans,
  problems: CredentialProblems,
): Anchors {
  const named = truststore === undefined ? ca : [];
  const known = named.flatMap((word, index) => behind(word, { key: 'ca', within: index }, means, problems) ?? []);
  const own = truststore === undefined ? inFiles(ca, means, problems) : inStore(truststore, means, problems);
  const pem = [
    ...new Set([...known, ...own.map(({ certificate }) => certificate.toString())].map((one) => one.trim())),
  ];
  let read: readonly X509Certificate[] | undefined;
  const certificates = (): readonly X509Certificate[] => {
    read ??= [...own.map(({ certificate }) => certificate), ...known.flatMap(readable)];
    return read;
  };
  warnOfDeadEnds(own, certificates, problems);
  warnOfOld(own, problems);
  return { pem, certificates };
}

/** The anchors a word stands for; undefined for a file. */
function behind(
  word: string,
  place: CredentialPlace,
  { system }: AnchorMeans,
  problems: CredentialProblems,
): readonly string[] | undefined {
  if (word === 'default') return defaultAnchors(system);
  if (word === 'bundled') return bundledAnchors();
  if (word !== 'system') return undefined;
  try {
    return system();
  } catch (error) {
    problems.error(place, (error as Error).message);
    return [];
  }
}

/** OpenSSL, which reads it again, leaves out what it cannot read in the system's store; so is it here. */
function readable(pem: string): X509Certificate[] {
  try {
    return [new X509Certificate(pem)];
  } catch {
    return [];
  }
}

/** The words of `ca` that name no file; paths are absolute here. */
const words = ['default', 'bundled', 'system'];

function inFiles(ca: readonly string[], { read }: AnchorMeans, problems: CredentialProblems): Own[] {
  return ca.flatMap((file, index) => {
    if (words.includes(file)) return [];
    const place = { key: 'ca', within: index } as const;
    return readCertificates(file, place, problems, read).map((certificate) => ({ certificate, file, place }));
  });
}

function inStore({ file = '', password }: StoreSettings, means: AnchorMeans, problems: CredentialProblems): Own[] {
  const place = { key: 'truststore', within: 'file' } as const;
  const content = readBytes(file, place, problems, means.read);
  if (content === undefined) return [];
  try {
    return means.openTrustAnchors(content, password).map((certificate) => ({ certificate, file, place }));
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error;
    const word = { key: 'truststore', ...(password !== undefined && { within: 'password' }) } as const;
    const message = refusedStore(file, content, 'truststore', error, password !== undefined);
    problems.error(error.fault === 'password' ? word : place, message);
    return [];
  }
}

/** OpenSSL ends a chain only in a root: what stands below one that is not there verifies nothing. */
function warnOfDeadEnds(
  own: readonly Own[],
  all: () => readonly X509Certificate[],
  problems: CredentialProblems,
): void {
  for (const { certificate, file, place } of own) {
    if (isRoot(certificate) || issuerOf(certificate, all()) !== undefined) continue;
    const [subject, issuer] = [oneLine(certificate.subject), oneLine(certificate.issuer)];
    problems.warn(
      place,
      `${file}: ${subject} is no root, and its issuer ${issuer} is not trusted here, so that it verifies nothing; put its issuer's certificate beside it`,
    );
  }
}

/** One warning a file: stores of many anchors have old ones among them, which do no harm beside others. */
function warnOfOld(own: readonly Own[], problems: CredentialProblems): void {
  const late = own.filter(({ certificate }) => Date.parse(certificate.validTo) < Date.now());
  for (const file of new Set(late.map((each) => each.file))) {
    const [first, ...others] = late.filter((each) => each.file === file) as [Own, ...Own[]];
    const { subject, validTo } = first.certificate;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    problems.warn(
      first.place,
      `${file}: ${oneLine(subject)} expired on ${dateOf(validTo)}${more}, so that it verifies nothing; take it out, and ask for the one that replaced it`,
    );
  }
}
