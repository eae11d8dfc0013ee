import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { childrenOf, type Element, oidOf, readElement, tags } from './der.ts';
import { damaged, KeystoreError } from './fault.ts';
import { unprotect } from './protection.ts';
import type { Work } from './work.ts';

/** What opens a store: the whole of it, and the key in it where that has another password. */
export interface StorePasswords {
  readonly password: string | undefined;
  readonly keyPassword?: string | undefined;
}

/** A private key in a store, not opened yet. */
export interface StoredKey {
  /** What people call it: the alias, or in a PKCS#12 the names of the key and its certificate. None is empty. */
  readonly names: readonly string[];
  /** @throws KeystoreError */
  open(): KeyObject;
  /**
   * The certificates beside it.
   *
   * @throws KeystoreError
   */
  certificates(key: KeyObject): readonly X509Certificate[];
}

/** All that a store holds for us. */
export interface StoreContent {
  readonly keys: readonly StoredKey[];
  /** @throws KeystoreError */
  trusted(): readonly X509Certificate[];
}

/** The largest store that is read, in octets; each certificate takes one or two thousand. */
export const maxStore = 8 << 20;
/** Keys and certificates of one store, at the most. */
export const maxEntries = 10_000;

/**
 * Reads a certificate's DER.
 *
 * @throws KeystoreError
 */
export function certificateOf(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw damaged('a certificate in it cannot be read');
  }
}

/**
 * Puts the key's own certificate first, where there is one; `preferred` if several are the key's. Each comes once: of two keys
 * that share a chain keytool writes it twice.
 */
export function leafFirst(
  key: KeyObject,
  certificates: readonly X509Certificate[],
  preferred?: X509Certificate,
): readonly X509Certificate[] {
  const leaf = [...(preferred ? [preferred] : []), ...certificates].find((one) => one.checkPrivateKey(key));
  const ordered = leaf === undefined ? certificates : [leaf, ...certificates];
  const once = new Map(ordered.map((certificate) => [certificate.fingerprint256, certificate]));
  return [...once.values()];
}

/**
 * Opens a private key: an EncryptedPrivateKeyInfo of RFC 5958.
 *
 * @param proven whether the store's password is known to be right
 * @throws KeystoreError
 */
export function openPrivateKey(shrouded: Element, passwords: StorePasswords, proven: boolean, work: Work): KeyObject {
  const { password, keyPassword } = passwords;
  const tried = [keyPassword, password].filter((one) => one !== undefined);
  const plain = unprotectKey(shrouded, tried.length === 0 ? [''] : tried, work);
  if (plain !== undefined) return privateKeyOf(plain);
  if (tried.length === 0) throw new KeystoreError('password', 'its private key is encrypted; give its password');
  if (keyPassword !== undefined) {
    throw new KeystoreError('key-password', 'the password for the key does not open the private key in it');
  }
  if (!proven) throw new KeystoreError('password', 'the password does not open it');
  throw new KeystoreError(
    'key-password',
    'the password opens it, but not the private key in it, which has a password of its own; give that too (`keyPassword`)',
  );
}

/**
 * Decrypts a private key: its PKCS#8, or undefined where no password fits.
 *
 * @throws KeystoreError
 */
export function unprotectKey(shrouded: Element, passwords: readonly string[], work: Work): Buffer | undefined {
  const [algorithm, data] = childrenOf(shrouded, tags.sequence);
  if (data?.tag !== tags.octets) throw damaged('an encrypted private key');
  return unprotect(algorithm, data.content, passwords, work, isPrivateKey);
}

/**
 * Reads a PKCS#8 key, and overwrites it.
 *
 * @throws KeystoreError
 */
export function privateKeyOf(pkcs8: Buffer): KeyObject {
  const key = readKey(pkcs8);
  pkcs8.fill(0);
  if (key !== undefined) return key;
  throw new KeystoreError('algorithm', 'its private key is of a kind that the OpenSSL of this Node does not read');
}

function readKey(pkcs8: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}

/** Whether decryption gave a PrivateKeyInfo (RFC 5958), as against what a wrong password leaves. */
function isPrivateKey(plain: Buffer): boolean {
  return hasForm(() => {
    const [version, algorithm, key] = childrenOf(readElement(plain), tags.sequence);
    oidOf(childrenOf(algorithm, tags.sequence)[0]);
    return version?.tag === tags.integer && key?.tag === tags.octets;
  });
}

/** False too where reading finds damage. */
export function hasForm(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (error instanceof KeystoreError) return false;
    throw error;
  }
}
