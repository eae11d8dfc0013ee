import type { KeyObject, X509Certificate } from 'node:crypto';
import { maxStore, type StoreContent, type StoredKey, type StorePasswords } from './stores/content.ts';
import { KeystoreError } from './stores/fault.ts';
import { isJks, readJks } from './stores/jks.ts';
import { isPkcs12, readPkcs12, type Use } from './stores/pkcs12.ts';
import { Work } from './stores/work.ts';

export { KeystoreError } from './stores/fault.ts';

/** A private key with its certificates, as they lie in the store: the key's own first where the store says so. */
export interface KeyEntry {
  readonly alias: string | undefined;
  readonly key: KeyObject;
  readonly certificates: readonly X509Certificate[];
}

/**
 * The private key of a PKCS#12, JKS or JCEKS store.
 *
 * @param alias which one, where there are several; upper and lower case are one, as for keytool
 * @param work counts the iterations of key derivation, and bounds them
 * @throws KeystoreError
 */
export function openKeyEntry(store: Buffer, passwords: StorePasswords, alias?: string, work = new Work()): KeyEntry {
  const { keys } = readStore(store, passwords, 'key', work);
  const chosen = choose(keys, alias);
  const key = chosen.open();
  const certificates = chosen.certificates(key);
  if (certificates.length === 0) throw new KeystoreError('empty', 'its private key has no certificate beside it');
  return { alias: chosen.names[0], key, certificates };
}

/**
 * The certificates that a PKCS#12, JKS or JCEKS store trusts. Of a PKCS#12 that holds private keys too, or marks some of its
 * certificates as trusted, only those so marked; else all.
 *
 * @param password undefined: those that are not encrypted are read, and whether the store was changed is not checked
 * @param work counts the iterations of key derivation, and bounds them
 * @throws KeystoreError
 */
export function openTrustAnchors(
  store: Buffer,
  password: string | undefined,
  work = new Work(),
): readonly X509Certificate[] {
  const content = readStore(store, { password }, 'trust', work);
  const trusted = content.trusted();
  if (trusted.length > 0) return trusted;
  const only = content.keys.length > 0 ? ', only private keys with theirs' : '';
  const add = 'add one: keytool -importcert -keystore STORE -alias NAME -file CA.pem';
  throw new KeystoreError('empty', `it holds no trusted certificate${only}; ${add}`);
}

function readStore(store: Buffer, passwords: StorePasswords, use: Use, work: Work): StoreContent {
  if (store.length > maxStore)
    throw new KeystoreError('format', `it is larger than any key store (${maxStore} octets)`);
  if (isJks(store)) return readJks(store, passwords, work);
  if (isPkcs12(store)) return readPkcs12(store, passwords, use, work);
  throw notAStore(store);
}

function notAStore(store: Buffer): KeystoreError {
  if (store.length === 0) return new KeystoreError('format', 'it is empty');
  const start = store.subarray(0, 64).toString('latin1');
  const kinds = 'no PKCS#12, JKS or JCEKS store';
  if (start.includes('-----BEGIN')) {
    return new KeystoreError('format', `it is PEM and ${kinds}; name it in \`cert\`, \`key\` or \`ca\``);
  }
  if (/^[A-Za-z0-9+/\s]+=*\s*$/.test(start)) {
    return new KeystoreError('format', `it is text and ${kinds}; if it is Base64: base64 -d FILE > STORE`);
  }
  return new KeystoreError(
    'format',
    `it is ${kinds}; convert it: keytool -importkeystore -srckeystore OLD -srcstoretype TYPE -destkeystore NEW.p12 -deststoretype PKCS12`,
  );
}

/** The key of that alias, or the only one. */
function choose(keys: readonly StoredKey[], alias: string | undefined): StoredKey {
  if (keys.length === 0) throw new KeystoreError('empty', 'it holds no private key');
  const wanted = alias?.toLowerCase();
  const labels = labelsOf(keys);
  const matches = keys.filter(
    ({ names }, index) =>
      wanted === undefined || [...names, labels[index]].some((name) => name?.toLowerCase() === wanted),
  );
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  const listed = labels.slice(0, 20).map(printable).join(', ');
  const all = labels.length > 20 ? `${listed} and ${labels.length - 20} more` : listed;
  if (alias === undefined)
    throw new KeystoreError('alias', `it holds several private keys; choose one by \`alias\`: ${all}`);
  const many = only === undefined ? 'no private key' : 'several private keys';
  throw new KeystoreError('alias', `it holds ${many} with the alias ${printable(alias)}; it has: ${all}`);
}

/** What each key is listed as: keys without a name are counted, as keytool does. */
function labelsOf(keys: readonly StoredKey[]): readonly string[] {
  let nameless = 0;
  return keys.map(({ names }) => names[0] ?? String(++nameless));
}

function printable(name: string): string {
  const shown = name.replace(/\p{C}/gu, '?');
  return `"${shown.length > 64 ? `${shown.slice(0, 64)}…` : shown}"`;
}
