import { hasForm, maxEntries } from './content.ts';
import { childrenOf, contentOf, type Element, octetsOf, oidOf, readElement, tags } from './der.ts';
import { damaged, KeystoreError } from './fault.ts';
import { unknown, unprotect } from './protection.ts';
import type { Work } from './work.ts';

/** A SafeBag (RFC 7292 section 4.2) with the attributes that matter here. */
export interface Bag {
  /** The last number of its type's object identifier below pkcs-12 10 1; 0 for a type of somebody's own. */
  readonly type: number;
  readonly value: Element;
  /** `friendlyName`: the alias. */
  readonly name: string | undefined;
  /** `localKeyId` in hexadecimal: a key and its certificate have the same. */
  readonly localKeyId: string | undefined;
  /** Whether the JDK marked it as a trusted certificate. */
  readonly trusted: boolean;
}

export const bagTypes = { key: 1, shroudedKey: 2, certificate: 3, contents: 6 } as const;

const bagTypePrefix = '1.2.840.113549.1.12.10.1.';
const data = '1.2.840.113549.1.7.1';
const encryptedData = '1.2.840.113549.1.7.6';

/** What is read and with which passwords; `opened` becomes true with the first part that they decrypt. */
export interface Reading {
  readonly passwords: readonly string[];
  readonly work: Work;
  /** Whether the passwords are known to be right. */
  readonly proven: boolean;
  opened: boolean;
}

/**
 * Reads the bags of an AuthenticatedSafe (RFC 7292 section 4.1), decrypting what is encrypted as a whole.
 *
 * @throws KeystoreError
 */
export function readBags(safe: Buffer, reading: Reading): readonly Bag[] {
  const bags: Bag[] = [];
  for (const info of childrenOf(readElement(safe), tags.sequence)) addBags(contentsOf(info, reading), bags, 0);
  return bags;
}

/** A ContentInfo (RFC 5652 section 3) of plain data. */
export function dataOf(info: Element | undefined): Buffer {
  const [type, content] = childrenOf(info, tags.sequence);
  const oid = oidOf(type);
  if (oid !== data) throw unknown(oid);
  return octetsOf(childrenOf(content, tags.context0)[0]);
}

function contentsOf(info: Element, reading: Reading): Element {
  const [type, content] = childrenOf(info, tags.sequence);
  if (oidOf(type) !== encryptedData) return readElement(dataOf(info));
  const [, encrypted] = childrenOf(childrenOf(content, tags.context0)[0], tags.sequence);
  const [, algorithm, sealed] = childrenOf(encrypted, tags.sequence);
  const { passwords, work, proven } = reading;
  const tried = passwords.length === 0 ? [''] : passwords;
  const plain = unprotect(algorithm, octetsOf(sealed, 0x80), tried, work, isSafeContents);
  if (plain !== undefined) {
    reading.opened = true;
    return readElement(plain);
  }
  if (passwords.length === 0) {
    throw new KeystoreError('password', 'its certificates are encrypted; give its password');
  }
  if (!proven) throw new KeystoreError('password', 'the password does not open it');
  throw new KeystoreError(
    'password',
    'the password fits its digest but not its encryption, which has one of its own; give that too (`keyPassword`)',
  );
}

/** Whether decryption gave a SEQUENCE of SEQUENCE, as against what a wrong password leaves. */
function isSafeContents(plain: Buffer): boolean {
  return hasForm(() => childrenOf(readElement(plain), tags.sequence).every(({ tag }) => tag === tags.sequence));
}

function addBags(contents: Element, bags: Bag[], depth: number): void {
  if (depth > 4) throw damaged('nested too deep');
  for (const element of childrenOf(contents, tags.sequence)) {
    const bag = bagOf(element);
    if (bag.type === bagTypes.contents) addBags(bag.value, bags, depth + 1);
    else bags.push(bag);
    if (bags.length > maxEntries) throw damaged('too many entries');
  }
}

function bagOf(element: Element): Bag {
  const [id, wrapped, attributes] = childrenOf(element, tags.sequence);
  const oid = oidOf(id);
  const [value] = childrenOf(wrapped, tags.context0);
  if (value === undefined) throw damaged('an empty bag');
  const found = attributes === undefined ? new Map<string, Element | undefined>() : attributesOf(attributes);
  const localKeyId = found.get('1.2.840.113549.1.9.21');
  return {
    type: oid.startsWith(bagTypePrefix) ? Number(oid.slice(bagTypePrefix.length)) : 0,
    value,
    name: nameOf(found.get('1.2.840.113549.1.9.20')),
    localKeyId: localKeyId && octetsOf(localKeyId).toString('hex'),
    trusted: found.has('2.16.840.1.113894.746875.1.1'),
  };
}

/** The first value of each attribute, by its object identifier. */
function attributesOf(attributes: Element): Map<string, Element | undefined> {
  return new Map(
    childrenOf(attributes, tags.set).map((attribute) => {
      const [type, values] = childrenOf(attribute, tags.sequence);
      return [oidOf(type), childrenOf(values, tags.set)[0]];
    }),
  );
}

/** A BMPString: UTF-16, big-endian. */
function nameOf(value: Element | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = Buffer.from(contentOf(value, 0x1e));
  if (text.length % 2 !== 0) throw damaged('a name');
  return text.swap16().toString('utf16le') || undefined;
}
