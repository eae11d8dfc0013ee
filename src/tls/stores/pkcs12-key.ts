import { createHash } from 'node:crypto';
import { available, digest } from './primitives.ts';
import type { Work } from './work.ts';

/** What a derived key is for (RFC 7292 appendix B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

/** Octets of a block; 64 for all that are not here. */
const wideBlocks = new Set(['sha384', 'sha512', 'sha512-224', 'sha512-256']);

export interface DerivationOptions {
  readonly hash: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/**
 * The key derivation of PKCS#12 (RFC 7292 appendix B.2).
 *
 * @param password as one of {@link spellingsOf}
 * @param length octets wanted
 * @throws KeystoreError where it takes too long
 */
export function deriveKey(
  { hash, salt, iterations }: DerivationOptions,
  password: Buffer,
  purpose: number,
  length: number,
  work: Work,
): Buffer {
  const block = wideBlocks.has(hash) ? 128 : 64;
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([fill(salt, block), fill(password, block)]);
  const result = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    work.spend(iterations);
    let sum: Buffer = available(hash, () => createHash(hash).update(diversifier).update(input).digest());
    for (let round = 1; round < iterations; round++) sum = digest(hash, sum);
    done += sum.copy(result, done);
    const addend = Buffer.alloc(block, sum);
    for (let start = 0; start < input.length; start += block) addOne(input.subarray(start, start + block), addend);
  }
  return result;
}

/**
 * How PKCS#12 files have spelled a password: UTF-16 with an end. An empty one also as nothing at all, and the octets of UTF-8
 * widened one by one, as OpenSSL before 1.1.0 did.
 */
export function spellingsOf(password: string): readonly Buffer[] {
  const spellings = [utf16(`${password}\0`)];
  if (password === '') spellings.push(Buffer.alloc(0));
  const octets = Buffer.from(password, 'utf8');
  if (octets.length !== password.length) spellings.push(utf16(`${octets.toString('latin1')}\0`));
  return spellings;
}

/** UTF-16, big-endian. */
export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Copies of the pattern, up to the next whole block. */
function fill(pattern: Buffer, block: number): Buffer {
  return Buffer.alloc(Math.ceil(pattern.length / block) * block, pattern);
}

/** Adds `addend` + 1 to a number of the same size, without the carry that does not fit. */
function addOne(number: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let index = number.length - 1; index >= 0; index--) {
    carry += (number[index] as number) + (addend[index] as number);
    number[index] = carry & 0xff;
    carry >>= 8;
  }
}
