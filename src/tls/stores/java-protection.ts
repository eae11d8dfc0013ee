import { createHash } from 'node:crypto';
import { type Algorithm, childrenOf, numberOf, octetsOf, tags } from './der.ts';
import { utf16 } from './pkcs12-key.ts';
import { available, decipher, digest } from './primitives.ts';
import type { Work } from './work.ts';

/** The JDK's protection of a key in a JKS: `sun.security.provider.KeyProtector`. */
export const jksProtection = '1.3.6.1.4.1.42.2.17.1.1';
/** And in a JCEKS: PBEWithMD5AndTripleDES of the SunJCE provider. */
export const jceksProtection = '1.3.6.1.4.1.42.2.19.1';

/**
 * Opens what the JDK's KeyProtector wrote: a salt, the key XORed with a chain of SHA-1, and a SHA-1 of password and key.
 *
 * @returns undefined where the password is another one
 */
export function openJksProtection(data: Buffer, password: string): Buffer | undefined {
  if (data.length < 40) return undefined;
  const secret = utf16(password);
  const plain = Buffer.from(data.subarray(20, -20));
  let link = data.subarray(0, 20);
  for (let start = 0; start < plain.length; start += 20) {
    link = digest('sha1', secret, link);
    const end = Math.min(plain.length, start + 20);
    for (let index = start; index < end; index++)
      plain[index] = (plain[index] as number) ^ (link[index - start] as number);
  }
  if (digest('sha1', secret, plain).equals(data.subarray(-20))) return plain;
  plain.fill(0);
  return undefined;
}

/**
 * Opens what PBEWithMD5AndTripleDES of the SunJCE provider wrote.
 *
 * @returns undefined where the password is another one
 * @throws KeystoreError where it takes too long, or the parameters are damaged
 */
export function openJceksProtection(
  { parameters }: Algorithm,
  data: Buffer,
  password: string,
  work: Work,
): Buffer | undefined {
  const [salt, count] = childrenOf(parameters, tags.sequence);
  const iterations = numberOf(count);
  const secret = Buffer.from(password, 'latin1');
  const derived = halvesOf(octetsOf(salt)).map((half) => {
    work.spend(iterations);
    let sum: Buffer = available('md5', () => createHash('md5').update(half).update(secret).digest());
    for (let round = 1; round < iterations; round++) sum = digest('md5', sum, secret);
    return sum;
  });
  const bytes = Buffer.concat(derived);
  return decipher('des-ede3-cbc', bytes.subarray(0, 24), bytes.subarray(24), data);
}

/** The two halves of the salt. Where they are alike the JDK turns the first one round. */
function halvesOf(salt: Buffer): readonly Buffer[] {
  const middle = salt.length >> 1;
  const first = Buffer.from(salt.subarray(0, middle));
  const second = salt.subarray(middle);
  return [first.equals(second) ? first.reverse() : first, second];
}
