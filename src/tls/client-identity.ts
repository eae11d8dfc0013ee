import type { X509Certificate } from 'node:crypto';
import type { KeystoreSettings, TlsSettings } from '../config/config.ts';
import { type ReadFile, readBytes, readCertificates } from './certificate-file.ts';
import { arrangeChain, type Chain } from './chain.ts';
import type { CredentialPlace, CredentialProblems } from './credential-problem.ts';
import { oneLine } from './distinguished-name.ts';
import { doubtsAbout } from './fitness.ts';
import { KeystoreError, type openKeyEntry } from './keystore.ts';
import { refusedStore } from './misplaced.ts';
import { type OpenedKey, openedKey, readPrivateKey } from './private-key.ts';
import { untimely } from './validity.ts';

/** What a route proves who it is by. */
export interface ClientIdentity extends OpenedKey {
  /** Ours first, in the order in which they are sent; a root that is only trusted here is not among them. */
  readonly certificates: Chain['certificates'];
}

/** A key with certificates in any order, and the place to speak of them. */
interface Found extends OpenedKey {
  readonly given: readonly X509Certificate[];
  readonly file: string;
  readonly place: CredentialPlace;
}

/**
 * Reads the client certificate, its chain and its key from whatever the route names, and proves that they fit.
 *
 * @param anchors what is trusted here: its intermediates complete the chain
 * @returns undefined if the route has none, or one with errors, which are reported
 */
export function readClientIdentity(
  settings: TlsSettings,
  anchors: () => readonly X509Certificate[],
  open: typeof openKeyEntry,
  problems: CredentialProblems,
  read?: ReadFile,
): ClientIdentity | undefined {
  const found = find(settings, open, problems, read);
  if (found === undefined) return undefined;
  const { key, pem, given, file, place } = found;
  const own = arrangeChain(key, given);
  if (own === undefined) {
    const names = given.map(({ subject }) => oneLine(subject)).join('; ');
    if (settings.cert === undefined) {
      problems.error(place, `${file} holds no certificate of its key, only ${names || 'the key'}`);
    } else {
      problems.error({ key: 'key' }, `${settings.key} is not the key of any in ${file} (${names})`);
    }
    return undefined;
  }
  const chain = own.complete ? own : (arrangeChain(key, given, anchors()) as Chain);
  warnOfChain(chain, found, problems);
  for (const [index, certificate] of chain.certificates.entries()) {
    const name = `the certificate ${oneLine(certificate.subject)} in ${file}`;
    const late = untimely(certificate);
    if (late !== undefined) problems.warn(place, `${name}: ${late}`);
    if (index > 0) continue;
    for (const doubt of doubtsAbout(certificate, settings.versions)) problems.warn(place, `${name}: ${doubt}`);
  }
  return { key, pem, certificates: chain.certificates };
}

function find(
  settings: TlsSettings,
  open: typeof openKeyEntry,
  problems: CredentialProblems,
  read: ReadFile | undefined,
): Found | undefined {
  const { cert, key, passphrase, pfx, keystore } = settings;
  if (cert !== undefined && key !== undefined) {
    const place = { key: 'cert' } as const;
    const given = readCertificates(cert, place, problems, read);
    const content = readBytes(key, { key: 'key' }, problems, read);
    const opened = content && readPrivateKey(key, content, passphrase, problems);
    return given.length === 0 || opened === undefined ? undefined : { ...opened, given, file: cert, place };
  }
  if (pfx !== undefined) {
    const store = { file: pfx, ...(passphrase !== undefined && { password: passphrase }) };
    return openStore(store, 'pfx', open, problems, read);
  }
  return keystore === undefined ? undefined : openStore(keystore, 'keystore', open, problems, read);
}

function openStore(
  { file = '', password, alias, keyPassword }: KeystoreSettings,
  from: 'pfx' | 'keystore',
  open: typeof openKeyEntry,
  problems: CredentialProblems,
  read: ReadFile | undefined,
): Found | undefined {
  const place = from === 'pfx' ? { key: from } : { key: from, within: 'file' };
  const content = readBytes(file, place, problems, read);
  if (content === undefined) return undefined;
  try {
    const { key, certificates } = open(content, { password, keyPassword }, alias);
    return { ...openedKey(key), given: certificates, file, place };
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error;
    const message = refusedStore(file, content, from, error, password !== undefined);
    problems.error(placeOfFault(error, from, { password, keyPassword, alias }), message);
    return undefined;
  }
}

/** Where the word stands that has to be changed; the store itself if it is not written. */
function placeOfFault(
  { fault }: KeystoreError,
  from: 'pfx' | 'keystore',
  written: { readonly [K in keyof KeystoreSettings]?: string | undefined },
): CredentialPlace {
  if (from === 'pfx') return { key: fault === 'password' && written.password !== undefined ? 'passphrase' : 'pfx' };
  const within = { password: 'password', 'key-password': 'keyPassword', alias: 'alias' }[fault as string] ?? 'file';
  const isWritten = within === 'file' || written[within as keyof typeof written] !== undefined;
  return isWritten ? { key: from, within } : { key: from };
}

function warnOfChain(
  { certificates, strays, complete }: Chain,
  { file, place }: Found,
  problems: CredentialProblems,
): void {
  if (strays.length > 0) {
    const names = strays.map(({ subject }) => oneLine(subject)).join('; ');
    problems.warn(
      place,
      `${file}: no part of the chain of ${oneLine(certificates[0].subject)} and not sent: ${names}; take that out, or put in what is missing between`,
    );
  }
  const top = certificates.at(-1) as X509Certificate;
  // Above an intermediate there is a root as a rule, and a root need not be sent.
  if (complete || (certificates.length > 1 && strays.length === 0)) return;
  problems.warn(
    place,
    `${file} lacks the issuer of ${oneLine(top.subject)}: ${oneLine(top.issuer)}; if that is an intermediate authority, put its certificate behind it, for the server may not have it (a root does no harm)`,
  );
}
