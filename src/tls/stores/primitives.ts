import { createDecipheriv, createHash, type Decipher } from 'node:crypto';
import { loadForge } from '../../forge.ts';
import { unreadable } from './fault.ts';

/** The digest of the parts, one after the other. */
export function digest(hash: string, ...parts: readonly Buffer[]): Buffer {
  return parts.reduce((sum, part) => sum.update(part), createHash(hash)).digest();
}

/**
 * Decrypts in CBC with padding.
 *
 * @param cipher OpenSSL's name, or `rc2-BITS`, which OpenSSL 3 leaves to a provider that Node does not load
 * @returns undefined where the padding shows that the key is another one
 * @throws KeystoreError where this OpenSSL lacks the cipher
 */
export function decipher(cipher: string, key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  if (data.length === 0 || data.length % iv.length !== 0) return undefined;
  if (cipher.startsWith('rc2-')) return decipherRc2(Number(cipher.slice(4)), key, iv, data);
  const decryption = available(cipher, () => createDecipheriv(cipher, key, iv));
  const start = decryption.update(data);
  const end = finish(decryption);
  const plain = end && Buffer.concat([start, end]);
  start.fill(0);
  return plain;
}

/** The one thing that can be wrong here is the padding. */
function finish(decryption: Decipher): Buffer | undefined {
  try {
    return decryption.final();
  } catch {
    return undefined;
  }
}

/**
 * Begins an operation that an OpenSSL built or set up for FIPS may lack.
 *
 * @throws KeystoreError that names the algorithm
 */
export function available<T>(algorithm: string, begin: () => T): T {
  try {
    return begin();
  } catch {
    throw unreadable(`${algorithm}, which the OpenSSL of this Node lacks`);
  }
}

function decipherRc2(bits: number, key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  const { rc2, util } = loadForge();
  const decryption = rc2.createDecryptionCipher(key.toString('latin1'), bits);
  decryption.start(iv.toString('latin1'));
  decryption.update(util.createBuffer(data.toString('latin1')));
  return decryption.finish() ? Buffer.from(decryption.output.getBytes(), 'latin1') : undefined;
}
