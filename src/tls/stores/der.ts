import { damaged } from './fault.ts';

/** One element of DER, or of the BER that PKCS#12 allows (X.690); its buffers are views of the store. */
export interface Element {
  /** The identifier octet: class, the constructed bit (0x20) and number. */
  readonly tag: number;
  readonly content: Buffer;
  /** Identifier, length and content. */
  readonly bytes: Buffer;
}

export const tags = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const;

/** PKCS#12 nests about a dozen deep. */
const maxDepth = 32;
/** Of one element; the largest stores of trust anchors hold a few hundred. */
const maxChildren = 10_000;

/**
 * Reads the element at the start; what follows it is left alone.
 *
 * @throws KeystoreError where it is cut short, nested too deep, or of a form that no store has
 */
export function readElement(bytes: Buffer, depth = 0): Element {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw damaged('an element is cut short');
  if ((tag & 0x1f) === 0x1f) throw damaged('an unknown tag');
  if (first === 0x80) return readIndefinite(bytes, tag, depth);
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 4 || 2 + octets > bytes.length) throw damaged('an impossible length');
  const length = octets === 0 ? first : bytes.readUIntBE(2, octets);
  const start = 2 + octets;
  if (length > bytes.length - start) throw damaged('an element is longer than what holds it');
  return { tag, content: bytes.subarray(start, start + length), bytes: bytes.subarray(0, start + length) };
}

/** X.690 section 8.1.3.6: the content goes on to two zero octets, which only reading it finds. */
function readIndefinite(bytes: Buffer, tag: number, depth: number): Element {
  if ((tag & 0x20) === 0 || depth >= maxDepth) throw damaged('an impossible length');
  let end = 2;
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += readElement(bytes.subarray(end), depth + 1).bytes.length;
  return { tag, content: bytes.subarray(2, end), bytes: bytes.subarray(0, end + 2) };
}

/**
 * The elements within one.
 *
 * @param tag what the outer one has to be
 * @throws KeystoreError
 */
export function childrenOf(element: Element | undefined, tag: number): readonly Element[] {
  const content = contentOf(element, tag);
  const children: Element[] = [];
  for (let start = 0; start < content.length; ) {
    if (children.length === maxChildren) throw damaged('too many elements');
    const child = readElement(content.subarray(start));
    children.push(child);
    start += child.bytes.length;
  }
  return children;
}

/**
 * The content of an element of that tag.
 *
 * @throws KeystoreError where it is missing or another one
 */
export function contentOf(element: Element | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw damaged('an element is missing');
  return element.content;
}

/**
 * An OCTET STRING, in one piece or, as BER allows and Bouncy Castle writes, in several.
 *
 * @param tag its identifier octet where it is in one piece
 * @throws KeystoreError
 */
export function octetsOf(element: Element | undefined, tag: number = tags.octets, depth = 0): Buffer {
  if (element?.tag !== (tag | 0x20)) return contentOf(element, tag);
  if (depth >= maxDepth) throw damaged('nested too deep');
  return Buffer.concat(childrenOf(element, element.tag).map((part) => octetsOf(part, tags.octets, depth + 1)));
}

/**
 * A whole number that is not negative.
 *
 * @returns above 2^48 Infinity
 * @throws KeystoreError
 */
export function numberOf(element: Element | undefined): number {
  const content = contentOf(element, tags.integer);
  if (content.length === 0 || (content[0] as number) >= 0x80) throw damaged('a number below 0');
  const digits = content.subarray(content.findIndex((octet) => octet !== 0));
  return digits.length > 6 ? Number.POSITIVE_INFINITY : digits.readUIntBE(0, digits.length);
}

/**
 * An object identifier in dots.
 *
 * @throws KeystoreError
 */
export function oidOf(element: Element | undefined): string {
  const content = contentOf(element, tags.oid);
  if (content.length === 0 || content.length > 64 || (content.at(-1) as number) >= 0x80) throw damaged('an identifier');
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first, ...rest] = arcs as [bigint, ...bigint[]];
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...rest].join('.');
}

/** An AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
export interface Algorithm {
  readonly oid: string;
  readonly parameters: Element | undefined;
}

/**
 * Reads an AlgorithmIdentifier.
 *
 * @throws KeystoreError
 */
export function algorithmOf(element: Element | undefined): Algorithm {
  const [oid, parameters] = childrenOf(element, tags.sequence);
  return { oid: oidOf(oid), parameters };
}
