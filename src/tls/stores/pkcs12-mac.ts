import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Algorithm, algorithmOf, childrenOf, type Element, numberOf, octetsOf, tags } from './der.ts';
import { damaged } from './fault.ts';
import { deriveKey, purposes, spellingsOf } from './pkcs12-key.ts';
import { available } from './primitives.ts';
import { hmacs, pbkdf2, unknown } from './protection.ts';
import type { Work } from './work.ts';

/** Digests by object identifier, and their octets. */
const digests: Readonly<Record<string, readonly [hash: string, size: number]>> = {
  '1.2.840.113549.2.5': ['md5', 16],
  '1.3.14.3.2.26': ['sha1', 20],
  '2.16.840.1.101.3.4.2.1': ['sha256', 32],
  '2.16.840.1.101.3.4.2.2': ['sha384', 48],
  '2.16.840.1.101.3.4.2.3': ['sha512', 64],
  '2.16.840.1.101.3.4.2.4': ['sha224', 28],
  '2.16.840.1.101.3.4.2.5': ['sha512-224', 28],
  '2.16.840.1.101.3.4.2.6': ['sha512-256', 32],
};

/** RFC 9579 section 9: with a shorter key anybody could make the MAC. In octets. */
const minKey = 20;

/**
 * Checks a PKCS#12's MAC (RFC 7292 section 4, with the PBMAC1 of RFC 9579).
 *
 * @param macData the MacData
 * @param content what it is over
 * @returns whether the password is right and the content as it was
 * @throws KeystoreError where the algorithm is not read here, or takes too long
 */
export function isAuthentic(macData: Element, content: Buffer, password: string, work: Work): boolean {
  const [info, salt, count] = childrenOf(macData, tags.sequence);
  const [identifier, sum] = childrenOf(info, tags.sequence);
  const algorithm = algorithmOf(identifier);
  const wanted = octetsOf(sum);
  if (algorithm.oid === '1.2.840.113549.1.5.14') return isPbmac1(algorithm, wanted, content, password, work);
  const [hash, size] = digests[algorithm.oid] ?? [];
  if (hash === undefined || size === undefined) throw unknown(algorithm.oid);
  const options = { hash, salt: octetsOf(salt), iterations: count === undefined ? 1 : numberOf(count) };
  return spellingsOf(password).some((spelling) =>
    isSum(wanted, hash, deriveKey(options, spelling, purposes.mac, size, work), content),
  );
}

/** RFC 9579: PBKDF2 and an HMAC. The salt and the count beside the algorithm say nothing. */
function isPbmac1({ parameters }: Algorithm, wanted: Buffer, content: Buffer, password: string, work: Work): boolean {
  const [derivation, hmac] = childrenOf(parameters, tags.sequence).map(algorithmOf);
  if (derivation === undefined || hmac === undefined) throw damaged('the parameters of PBMAC1');
  const [hash] = hmacs[hmac.oid] ?? [];
  if (hash === undefined) throw unknown(hmac.oid);
  const key = pbkdf2(derivation, work)(password);
  if (key.length < minKey) throw damaged('a key length of PBMAC1');
  return isSum(wanted, hash, key, content);
}

function isSum(wanted: Buffer, hash: string, key: Buffer, content: Buffer): boolean {
  const sum = available(hash, () => createHmac(hash, key).update(content).digest());
  return sum.length === wanted.length && timingSafeEqual(sum, wanted);
}
