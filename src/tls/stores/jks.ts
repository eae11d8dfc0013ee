import type { KeyObject, X509Certificate } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import {
  certificateOf,
  hasForm,
  leafFirst,
  maxEntries,
  openPrivateKey,
  type StoreContent,
  type StorePasswords,
  unprotectKey,
} from './content.ts';
import { readElement } from './der.ts';
import { damaged, KeystoreError } from './fault.ts';
import { skipObject } from './java-object.ts';
import { utf16 } from './pkcs12-key.ts';
import { digest } from './primitives.ts';
import type { Work } from './work.ts';

const jks = 0xfeedfeed;
const jceks = 0xcececece;

/** Octets of the SHA-1 at the end. */
const digestLength = 20;

/** Whether it begins as a JKS or JCEKS does. */
export function isJks(store: Buffer): boolean {
  return store.length >= 4 && [jks, jceks].includes(store.readUInt32BE(0));
}

/**
 * Reads a JKS or JCEKS as the JDK's `JavaKeyStore` and `JceKeyStore` write them. Secret keys are stepped over.
 *
 * @param passwords without `password`, whether the store was changed is not checked, as the JDK has it
 * @throws KeystoreError
 */
export function readJks(store: Buffer, passwords: StorePasswords, work: Work): StoreContent {
  const { password } = passwords;
  const { keys, trusted } = readEntries(store);
  const proven = password !== undefined && isIntact(store, password);
  if (password !== undefined && !proven) {
    // The first key has a check of its own. If that fits, either the two passwords were mixed up, or the rest has changed.
    const [first] = keys;
    const opens = hasForm(() => {
      const plain = first && unprotectKey(readElement(first.shrouded), [password], work);
      return plain?.fill(0) !== undefined;
    });
    if (opens) throw new KeystoreError('password', notOfTheStore);
    throw new KeystoreError('password', 'the password is wrong, or the file was changed since it was written');
  }
  return {
    keys: keys.map(({ alias, shrouded, chain }) => ({
      names: [alias],
      open: (): KeyObject => openPrivateKey(readElement(shrouded), passwords, proven, work),
      certificates: (key: KeyObject): readonly X509Certificate[] => leafFirst(key, chain.map(certificateOf)),
    })),
    trusted: () => trusted.map(certificateOf),
  };
}

const notOfTheStore =
  'the password opens a private key in it, but is not that of the store: give that, and this one as `keyPassword`; ' +
  'if both are the same, the file is damaged: copy it again from where it was made';

interface Entries {
  readonly keys: { readonly alias: string; readonly shrouded: Buffer; readonly chain: readonly Buffer[] }[];
  readonly trusted: Buffer[];
}

function readEntries(store: Buffer): Entries {
  if (store.length < 12 + digestLength) throw damaged('it ends too early');
  const reader = new ByteReader(store.subarray(4, -digestLength));
  const version = reader.number(4);
  if (version !== 1 && version !== 2) throw damaged('an unknown version');
  const count = reader.number(4);
  if (count > maxEntries) throw damaged('too many entries');
  const certificate = (): Buffer => {
    if (version === 2) reader.text(); // its type, which is always X.509
    return reader.block();
  };
  const entries: Entries = { keys: [], trusted: [] };
  for (let index = 0; index < count; index++) {
    const kind = reader.number(4);
    const alias = reader.text();
    reader.take(8); // when it was made
    if (kind === 1) entries.keys.push({ alias, shrouded: reader.block(), chain: chainOf(reader, certificate) });
    else if (kind === 2) entries.trusted.push(certificate());
    else if (kind === 3) skipObject(reader);
    else throw damaged('an unknown kind of entry');
  }
  if (reader.left > 0) throw damaged('octets after its last entry');
  return entries;
}

function chainOf(reader: ByteReader, certificate: () => Buffer): readonly Buffer[] {
  const length = reader.number(4);
  if (length > maxEntries) throw damaged('too many certificates');
  return Array.from({ length }, certificate);
}

/** The JDK's digest over password, a fixed text and content. */
function isIntact(store: Buffer, password: string): boolean {
  const content = store.subarray(0, -digestLength);
  return digest('sha1', utf16(password), Buffer.from('Mighty Aphrodite'), content).equals(
    store.subarray(-digestLength),
  );
}
