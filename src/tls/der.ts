/** One value in DER (X.690): its tag byte, what it holds, and the whole of it. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content. */
  readonly raw: Buffer;
}

/** Tag bytes of the universal types that certificates, keys and revocation lists are made of. */
export const tags = { integer: 0x02, bits: 0x03, oid: 0x06, utcTime: 0x17, time: 0x18, sequence: 0x30 } as const;

/**
 * The first value in a buffer; what is behind it is not looked at.
 *
 * @throws Error if the buffer does not hold the whole of it, or holds a form that DER does not have
 */
export function readDer(buffer: Buffer): DerValue {
  const [tag, first] = buffer;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new Error('no DER');
  let length = first;
  let start = 2;
  if (first > 0x7f) {
    const size = first & 0x7f;
    if (size === 0 || size > 4 || buffer.length < 2 + size) throw new Error('no DER length');
    length = buffer.readUIntBE(2, size);
    start += size;
  }
  const end = start + length;
  if (end > buffer.length) throw new Error('DER is cut short');
  return { tag, content: buffer.subarray(start, end), raw: buffer.subarray(0, end) };
}

/**
 * The values inside a constructed one, in order.
 *
 * @throws Error as {@link readDer}
 */
export function partsOf({ content }: DerValue): DerValue[] {
  const parts: DerValue[] = [];
  for (let rest = content; rest.length > 0; ) {
    const part = readDer(rest);
    parts.push(part);
    rest = rest.subarray(part.raw.length);
  }
  return parts;
}

/** An object identifier in dotted form (X.690 section 8.19); of none the empty text. */
export function oidOf(value: DerValue | undefined): string {
  if (value?.tag !== tags.oid) return '';
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte > 0x7f) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [joined = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(joined / 40));
  return [root, joined - root * 40, ...rest].join('.');
}

/**
 * A UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 writes them, in milliseconds since 1970; NaN for anything else.
 */
export function timeOf({ tag, content }: DerValue): number {
  const text = content.toString('latin1');
  const short = tag === tags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(short) ?? [];
  const [year = Number.NaN, month = 0, ...rest] = parts.map(Number);
  return Date.UTC(year, month - 1, ...rest);
}
