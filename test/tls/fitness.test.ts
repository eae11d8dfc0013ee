import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import t from 'tap';
import type { Version } from '../../src/config/config.ts';
import { doubtsAbout } from '../../src/tls/fitness.ts';
import { makeAuthority } from '../fixtures/pki.ts';

const ca = await makeAuthority({ name: 'CA' });
const modern: readonly Version[] = ['TLSv1.3', 'TLSv1.2'];
const issued = async (options: object) =>
  new X509Certificate((await ca.issue({ name: 'x', usage: 'client', ...options })).cert);

/** A certificate by a key that the fixtures cannot sign for. */
async function bearing(publicKey: KeyObject): Promise<X509Certificate> {
  const { raw } = await issued({});
  return { raw, keyUsage: undefined, publicKey } as unknown as X509Certificate;
}

t.test('a usual one', async (t) => {
  t.same(doubtsAbout(await issued({}), modern), []);
  t.same(doubtsAbout(await issued({ usage: 'both', key: 'rsa2048' }), modern), []);
});

t.test('usages', async (t) => {
  t.match(doubtsAbout(await issued({ usage: 'server' }), modern), [/not made for clients.*clientAuth/]);
  t.same(doubtsAbout(new X509Certificate(ca.cert), modern), [], 'one without extended usages may be anything');
});

t.test('weak keys and signatures, where a version above TLS 1.1 is offered', async (t) => {
  const small = await issued({ key: 'rsa1024' });
  t.match(doubtsAbout(small, modern), [/only 1024 bits/]);
  t.match(doubtsAbout(small, ['TLSv1.2', 'TLSv1']), [/only 1024 bits/]);
  t.same(doubtsAbout(small, ['TLSv1.1', 'TLSv1']), []);
  const old = new X509Certificate((await makeAuthority({ name: 'Old', hash: 'SHA-1' })).cert);
  t.match(doubtsAbout(old, modern), [/signed with SHA-1.*SHA-256/]);
});

t.test('keys that a version cannot use', async (t) => {
  const curve = await bearing(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey);
  t.match(doubtsAbout(curve, modern), [/TLSv1\.3 cannot use its key \(secp256k1\).*P-256/]);
  t.same(doubtsAbout(curve, ['TLSv1.2']), []);
  const dsa = await bearing(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).publicKey);
  t.match(doubtsAbout(dsa, modern), [/TLSv1\.3 cannot use its key \(DSA\)/]);
  t.same(doubtsAbout(dsa, ['TLSv1.2']), []);
  for (const [type, publicKey] of [
    ['ed25519', generateKeyPairSync('ed25519').publicKey],
    ['ed448', generateKeyPairSync('ed448').publicKey],
  ] as const) {
    const edwards = await bearing(publicKey);
    t.same(doubtsAbout(edwards, modern), []);
    t.match(doubtsAbout(edwards, ['TLSv1.2', 'TLSv1']), [new RegExp(`TLSv1 cannot use its key \\(${type}\\)`)]);
    t.match(doubtsAbout(edwards, ['TLSv1.1']), [/TLSv1\.1 cannot use/]);
  }
});
