import { pbkdf2Sync } from 'node:crypto';
import { type Algorithm, algorithmOf, childrenOf, type Element, numberOf, octetsOf, tags } from './der.ts';
import { damaged, type KeystoreError, unreadable } from './fault.ts';
import { jceksProtection, jksProtection, openJceksProtection, openJksProtection } from './java-protection.ts';
import { deriveKey, purposes, spellingsOf } from './pkcs12-key.ts';
import { available, decipher } from './primitives.ts';
import type { Work } from './work.ts';

/** Decrypts with one password: a result for each way to spell it, undefined where that is wrong. */
type Open = (data: Buffer, password: string) => Iterable<Buffer | undefined>;

/** RFC 7292 appendix C: the cipher and the octets of its key. */
const pkcs12Ciphers: Readonly<Record<string, readonly [cipher: string, keyLength: number]>> = {
  '1.2.840.113549.1.12.1.3': ['des-ede3-cbc', 24],
  '1.2.840.113549.1.12.1.4': ['des-ede-cbc', 16],
  '1.2.840.113549.1.12.1.5': ['rc2-128', 16],
  '1.2.840.113549.1.12.1.6': ['rc2-40', 5],
};

/** The ciphers of PBES2 (RFC 8018 appendix B.2): cipher, octets of its key and of its block. */
const pbes2Ciphers: Readonly<Record<string, readonly [cipher: string, keyLength: number, block: number]>> = {
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24, 8],
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16, 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24, 16],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32, 16],
};

/** RFC 8018 appendix B.1: each HMAC by its digest, and the octets of that. */
export const hmacs: Readonly<Record<string, readonly [hash: string, size: number]>> = {
  '1.2.840.113549.2.7': ['sha1', 20],
  '1.2.840.113549.2.8': ['sha224', 28],
  '1.2.840.113549.2.9': ['sha256', 32],
  '1.2.840.113549.2.10': ['sha384', 48],
  '1.2.840.113549.2.11': ['sha512', 64],
  '1.2.840.113549.2.12': ['sha512-224', 28],
  '1.2.840.113549.2.13': ['sha512-256', 32],
};

/** What people may know an algorithm by that is not read. */
const names: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.5.3': 'pbeWithMD5AndDES-CBC',
  '1.2.840.113549.1.5.10': 'pbeWithSHA1AndDES-CBC',
  '1.2.840.113549.1.12.1.1': 'pbeWithSHA1And128BitRC4',
  '1.2.840.113549.1.12.1.2': 'pbeWithSHA1And40BitRC4',
  '1.2.840.113549.1.7.2': 'a signature instead of a password',
  '1.2.840.113549.1.7.3': 'a public key instead of a password',
  '1.2.840.113549.3.2': 'PBES2 with RC2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
};

/** The error for an algorithm that is not read: its name where it has one, and its object identifier. */
export function unknown(oid: string): KeystoreError {
  return unreadable(names[oid] === undefined ? `the algorithm ${oid}` : `${names[oid]} (${oid})`);
}

/**
 * Decrypts with the first password that fits.
 *
 * @param algorithm the AlgorithmIdentifier
 * @param isRight looks at the form of the outcome: one wrong password in 256 leaves a valid padding
 * @returns undefined where no password fits
 * @throws KeystoreError where the algorithm is not read here, takes too long, or has damaged parameters
 */
export function unprotect(
  algorithm: Element | undefined,
  data: Buffer,
  passwords: readonly string[],
  work: Work,
  isRight: (plain: Buffer) => boolean,
): Buffer | undefined {
  const open = openerOf(algorithmOf(algorithm), work);
  for (const password of passwords) {
    for (const plain of open(data, password)) if (plain !== undefined && isRight(plain)) return plain;
  }
  return undefined;
}

function openerOf(algorithm: Algorithm, work: Work): Open {
  const { oid, parameters } = algorithm;
  if (oid === '1.2.840.113549.1.5.13') return pbes2(parameters, work);
  if (oid === jksProtection) return (data, password) => [openJksProtection(data, password)];
  if (oid === jceksProtection) return (data, password) => [openJceksProtection(algorithm, data, password, work)];
  const known = pkcs12Ciphers[oid];
  if (known === undefined) throw unknown(oid);
  const [cipher, keyLength] = known;
  const [salt, count] = childrenOf(parameters, tags.sequence);
  const options = { hash: 'sha1', salt: octetsOf(salt), iterations: numberOf(count) };
  return function* (data, password) {
    for (const spelling of spellingsOf(password)) {
      const key = deriveKey(options, spelling, purposes.key, keyLength, work);
      yield decipher(cipher, key, deriveKey(options, spelling, purposes.iv, 8, work), data);
    }
  };
}

function pbes2(parameters: Element | undefined, work: Work): Open {
  const [derivation, encryption] = childrenOf(parameters, tags.sequence).map(algorithmOf);
  if (derivation === undefined || encryption === undefined) throw damaged('the parameters of PBES2');
  const known = pbes2Ciphers[encryption.oid];
  if (known === undefined) throw unknown(encryption.oid);
  const [cipher, keyLength, block] = known;
  const iv = octetsOf(encryption.parameters);
  if (iv.length !== block) throw damaged('the parameters of PBES2');
  const derive = pbkdf2(derivation, work, keyLength);
  return (data, password) => [decipher(cipher, derive(password), iv, data)];
}

/**
 * Key derivation by PBKDF2 (RFC 8018 appendix A.2).
 *
 * @param keyLength octets wanted; where the parameters name another number they are damaged
 * @throws KeystoreError where it is another derivation, takes too long, or has damaged parameters
 */
export function pbkdf2({ oid, parameters }: Algorithm, work: Work, keyLength?: number): (password: string) => Buffer {
  if (oid !== '1.2.840.113549.1.5.12') throw unknown(oid);
  const [salt, count, ...rest] = childrenOf(parameters, tags.sequence);
  const named = rest[0]?.tag === tags.integer ? numberOf(rest.shift()) : keyLength;
  const prf = rest[0] === undefined ? '1.2.840.113549.2.7' : algorithmOf(rest[0]).oid;
  const [hash, size] = hmacs[prf] ?? [];
  if (hash === undefined || size === undefined) throw unknown(prf);
  if (named === undefined || named < 1 || named > 128 || (keyLength ?? named) !== named) throw damaged('a key length');
  const from = octetsOf(salt);
  const iterations = numberOf(count);
  return (password) => {
    work.spend(iterations, Math.ceil(named / size));
    return available(hash, () => pbkdf2Sync(Buffer.from(password, 'utf8'), from, iterations, named, hash));
  };
}
