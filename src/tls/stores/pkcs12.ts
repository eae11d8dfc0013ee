import type { KeyObject, X509Certificate } from 'node:crypto';
import {
  certificateOf,
  hasForm,
  leafFirst,
  openPrivateKey,
  privateKeyOf,
  type StoreContent,
  type StoredKey,
  type StorePasswords,
  unprotectKey,
} from './content.ts';
import { childrenOf, type Element, octetsOf, oidOf, readElement, tags } from './der.ts';
import { damaged, KeystoreError } from './fault.ts';
import { type Bag, bagTypes, dataOf, type Reading, readBags } from './pkcs12-bags.ts';
import { isAuthentic } from './pkcs12-mac.ts';
import type { Work } from './work.ts';

/** What is read of a store: with `trust` the certificates are enough, and need no password where they are not encrypted. */
export type Use = 'key' | 'trust';

/** Whether it begins as a PKCS#12 does: a SEQUENCE with the version 3. */
export function isPkcs12(store: Buffer): boolean {
  const long = store[1] === 0x80 ? 0 : Math.max(0, (store[1] ?? 0) - 0x80);
  return store[0] === tags.sequence && store.subarray(2 + long, 5 + long).equals(Buffer.from([tags.integer, 1, 3]));
}

/**
 * Reads a PKCS#12 (RFC 7292) in password mode.
 *
 * @param store one that {@link isPkcs12}
 * @param passwords without `password` an empty one is tried
 * @throws KeystoreError
 */
export function readPkcs12(store: Buffer, passwords: StorePasswords, use: Use, work: Work): StoreContent {
  const [, info, macData] = childrenOf(readElement(store), tags.sequence);
  const safe = dataOf(info);
  const { password, keyPassword } = passwords;
  const authentic = macData === undefined ? undefined : isAuthentic(macData, safe, password ?? '', work);
  const tried = [password, keyPassword].filter((one) => one !== undefined);
  const reading = { passwords: tried, work, proven: authentic === true, opened: false };
  if (authentic === false) {
    if (password !== undefined) {
      throw opensDespite(safe, { ...reading, passwords: [password] }) ? notAsWritten() : wrongPassword();
    }
    if (use === 'key') throw new KeystoreError('password', 'it has a password; give it');
  }
  const bags = readBags(safe, reading);
  const keys = bags.filter(({ type }) => type === bagTypes.key || type === bagTypes.shroudedKey);
  const certificates = bags.filter(({ type }) => type === bagTypes.certificate);
  return {
    keys: keys.map((key) => storedKey(key, keys, certificates, passwords, reading)),
    trusted: () => {
      const marked = certificates.filter(({ trusted }) => trusted);
      const meant = marked.length > 0 || keys.length > 0 ? marked : certificates;
      return meant.flatMap(certificateIn);
    },
  };
}

function notAsWritten(): KeystoreError {
  return damaged('its content does not fit its digest');
}

function wrongPassword(): KeystoreError {
  return new KeystoreError('password', 'the password is wrong, or the file was changed since it was written');
}

/** Whether the password decrypts something: then it is right, and it is the file that is not. */
function opensDespite(safe: Buffer, reading: Reading): boolean {
  hasForm(() => {
    const shrouded = readBags(safe, reading).find(({ type }) => type === bagTypes.shroudedKey);
    const plain = shrouded && unprotectKey(shrouded.value, reading.passwords, reading.work);
    if (plain?.fill(0)) reading.opened = true;
    return true;
  });
  return reading.opened;
}

function storedKey(
  key: Bag,
  keys: readonly Bag[],
  certificates: readonly Bag[],
  passwords: StorePasswords,
  { proven, opened, work }: Reading,
): StoredKey {
  const own =
    key.localKeyId === undefined ? undefined : certificates.find(({ localKeyId }) => localKeyId === key.localKeyId);
  return {
    names: [key.name, own?.name].filter((name) => name !== undefined),
    open: (): KeyObject =>
      key.type === bagTypes.key
        ? privateKeyOf(Buffer.from(key.value.bytes))
        : openPrivateKey(key.value, passwords, proven || opened, work),
    certificates: (opened: KeyObject): readonly X509Certificate[] => {
      const others = new Set(keys.map(({ localKeyId }) => localKeyId));
      others.delete(undefined);
      others.delete(key.localKeyId);
      const beside = certificates.filter(({ localKeyId }) => !others.has(localKeyId));
      const preferred = own && certificateIn(own)[0];
      return leafFirst(opened, beside.flatMap(certificateIn), preferred);
    },
  };
}

/** A CertBag's certificate; none where it is not X.509. */
function certificateIn({ value }: Bag): readonly X509Certificate[] {
  const [type, wrapped] = childrenOf(value, tags.sequence);
  if (oidOf(type) !== '1.2.840.113549.1.9.22.1') return [];
  const [der] = childrenOf(wrapped, tags.context0) as readonly (Element | undefined)[];
  return [certificateOf(octetsOf(der))];
}
