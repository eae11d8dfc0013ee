import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import t from 'tap';
import { openKeyEntry, openTrustAnchors } from '../../../src/tls/keystore.ts';
import { Work } from '../../../src/tls/stores/work.ts';
import { algorithm, ber, context0, der, integer, nothing, octets, oid, sequence, set } from '../../fixtures/der.ts';
import {
  bag,
  dataInfo,
  encrypt,
  type Pkcs12Options,
  type Protection,
  pbkdf2Algorithm,
  pkcs12Oids,
  prfs,
  sealPkcs12,
  writePkcs12,
} from '../../fixtures/pkcs12-stores.ts';
import { makeStoreScene, namesOf, refuses } from '../../fixtures/stores.ts';

const { root, middle, first, second } = await makeStoreScene();
const password = 'secret';
const one: Pkcs12Options = {
  password,
  keys: [{ key: first.key, name: 'First', localKeyId: '1' }],
  certificates: [
    { certificate: root.cert },
    { certificate: first.cert, name: 'First', localKeyId: '1' },
    { certificate: middle.cert },
  ],
};
const rc2: Protection = { scheme: 'pkcs12', cipher: 'rc2-40' };
const tripleDes: Protection = { scheme: 'pkcs12', cipher: '3des' };
const pbes2: Protection = { scheme: 'pbes2', cipher: 'aes-256-cbc', prf: 'sha256' };
const keysWith = (protection: Protection, options = one) => options.keys?.map((key) => ({ ...key, protection })) ?? [];

const styles: Record<string, Partial<Pkcs12Options>> = {
  'of today': { protection: pbes2, keys: keysWith(pbes2) },
  '3DES throughout': { protection: tripleDes, keys: keysWith(tripleDes), mac: 'sha1' },
  'of an old Windows: RC2-40 and 3DES': { protection: rc2, keys: keysWith(tripleDes), mac: 'sha1' },
  'certificates in the clear': { protection: 'none' },
  'all in the clear, with a MAC': { protection: 'none', keys: keysWith('none') },
  'a MAC by SHA-384': { mac: 'sha384' },
  'a MAC by SHA-512': { mac: 'sha512' },
  'a MAC by MD5': { mac: 'md5' },
  'PBMAC1 (RFC 9579)': { mac: 'pbmac1' },
};

for (const [name, style] of Object.entries(styles)) {
  t.test(`B3 ${name}: opens with its password, and says so with a wrong one or none`, async (t) => {
    for (const right of ['secret', 'pä€😀', '', undefined]) {
      const store = writePkcs12({ ...one, ...style, password: right });
      const entry = openKeyEntry(store, { password: right });
      t.equal(entry.alias, 'First');
      t.same(entry.key.export({ type: 'pkcs8', format: 'pem' }), first.key);
      t.same(namesOf(entry.certificates), ['first', 'Root', 'Middle']);
      refuses(t, () => openKeyEntry(store, { password: 'wrong' }), 'password', /wrong, or the file was changed/);
      refuses(t, () => openTrustAnchors(store, 'wrong'), 'password', /wrong, or the file was changed/);
      if (right)
        refuses(t, () => openKeyEntry(store, { password: undefined }), 'password', /it has a password; give it/);
    }
  });
}

t.test('B3 without a MAC the encryption tells whether the password is right', async (t) => {
  const store = writePkcs12({ ...one, mac: 'none' });
  t.equal(openKeyEntry(store, { password }).alias, 'First');
  refuses(t, () => openKeyEntry(store, { password: 'wrong' }), 'password', /^the password does not open it/);
  refuses(t, () => openKeyEntry(store, { password: undefined }), 'password', /encrypted; give its password/);
  const bare = writePkcs12({ ...one, mac: 'none', protection: 'none' });
  t.equal(openKeyEntry(bare, { password }).alias, 'First');
  refuses(t, () => openKeyEntry(bare, { password: 'wrong' }), 'password', /^the password does not open it/);
  refuses(t, () => openKeyEntry(bare, { password: undefined }), 'password', /its private key is encrypted/);
});

t.test('B3 a key, or the whole content, under a password of its own', async (t) => {
  const keys = [{ key: first.key, password: 'other' }];
  for (const mac of ['sha256', 'none'] as const) {
    const store = writePkcs12({ ...one, keys, mac });
    t.equal(openKeyEntry(store, { password, keyPassword: 'other' }).key.asymmetricKeyType, 'ec');
    refuses(t, () => openKeyEntry(store, { password }), 'key-password', /`keyPassword`/);
    refuses(
      t,
      () => openKeyEntry(store, { password, keyPassword: 'x' }),
      'key-password',
      /does not open the private key/,
    );
  }
});

t.test(
  'B3 one password for the MAC and another for all encryption, as `openssl pkcs12 -twopass` asks for',
  async (t) => {
    const { id, data } = encrypt(sequence(bag(pkcs12Oids.certificate, certBag(first.cert))), pbes2, 'other', 100);
    const info = sequence(oid(pkcs12Oids.data), id, der(0x80, data));
    const contents = [sequence(oid(pkcs12Oids.encryptedData), context0(sequence(integer(0), info)))];
    const store = writePkcs12({ ...one, certificates: [], protection: 'none', keys: keysWith('none'), contents });
    t.same(namesOf(openKeyEntry(store, { password, keyPassword: 'other' }).certificates), ['first']);
    refuses(
      t,
      () => openKeyEntry(store, { password }),
      'password',
      /fits its digest but not its encryption.*`keyPassword`/,
    );
    refuses(t, () => openKeyEntry(store, { password: 'wrong', keyPassword: 'other' }), 'password', /is wrong/);
  },
);

t.test('B3 a store that was changed is told from a wrong password where its encryption opens', async (t) => {
  for (const style of [{}, { protection: 'none' as const }]) {
    const store = writePkcs12({ ...one, ...style });
    const changed = Buffer.from(store);
    const at = changed.length - 40; // in the MAC
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    refuses(t, () => openKeyEntry(changed, { password }), 'damaged', /does not fit its digest/);
    refuses(t, () => openKeyEntry(changed, { password: 'wrong' }), 'password', /wrong/);
  }
});

t.test('B3 an algorithm that is not read is told from a wrong password', async (t) => {
  const rc4: Protection = { scheme: 'unknown', algorithm: algorithm('1.2.840.113549.1.12.1.2', sequence()) };
  for (const odd of [{ protection: rc4 }, { keys: keysWith(rc4) }]) {
    const store = writePkcs12({ ...one, ...odd });
    refuses(
      t,
      () => openKeyEntry(store, { password }),
      'algorithm',
      /pbeWithSHA1And40BitRC4 \(1\.2\.840\.113549\.1\.12\.1\.2\)/,
    );
    refuses(t, () => openKeyEntry(store, { password: 'wrong' }), 'password', /wrong/);
  }
  const salt = [octets(Buffer.alloc(8)), integer(1)];
  const mac = (id: Buffer) =>
    sequence(integer(3), dataInfo(sequence()), sequence(sequence(id, octets(Buffer.alloc(20))), ...salt));
  const unread = { 'the algorithm 1.2.643': algorithm('1.2.643', nothing) };
  for (const [name, id] of Object.entries(unread)) {
    refuses(t, () => openKeyEntry(mac(id), { password }), 'algorithm', new RegExp(name));
  }
  const pbmac1 = (...parts: Buffer[]) => mac(algorithm('1.2.840.113549.1.5.14', sequence(...parts)));
  refuses(t, () => openKeyEntry(pbmac1(), { password }), 'damaged', /PBMAC1/);
  const short = pbkdf2Algorithm(sequence(octets(Buffer.alloc(8)), integer(1), integer(19)));
  const sha256 = algorithm(prfs['sha256'] as string, nothing);
  refuses(t, () => openKeyEntry(pbmac1(short, sha256), { password }), 'damaged', /key length of PBMAC1/);
  const scrypt = algorithm('1.3.6.1.4.1.11591.4.11');
  refuses(
    t,
    () => openKeyEntry(pbmac1(scrypt, algorithm(prfs['sha256'] as string)), { password }),
    'algorithm',
    /scrypt/,
  );
  refuses(t, () => openKeyEntry(pbmac1(scrypt, algorithm('1.2.3')), { password }), 'algorithm', /1\.2\.3/);
});

t.test('B3 content that is signed or for a public key is named', async (t) => {
  const foreign = (type: string) => sequence(oid(type), context0(sequence()));
  const signed = sequence(integer(3), foreign('1.2.840.113549.1.7.2'));
  refuses(t, () => openKeyEntry(signed, { password }), 'algorithm', /a signature instead of a password/);
  const enveloped = writePkcs12({ ...one, contents: [foreign('1.2.840.113549.1.7.3')] });
  refuses(t, () => openKeyEntry(enveloped, { password }), 'algorithm', /a public key instead of a password/);
});

t.test('B3 iterations are bounded: of the MAC, of each part, and of all together', async (t) => {
  const store = writePkcs12({ ...one, iterations: 500, mac: 'sha1', keys: keysWith(tripleDes), protection: tripleDes });
  const work = new Work();
  openKeyEntry(store, { password }, undefined, work);
  // The MAC is one block of SHA-1, a key of 3DES two, an initialization vector one.
  t.equal(work.spent, 500 * 7);
  for (const limit of [499, 500, 1999, 2000, 3499]) {
    const bounded = new Work(limit);
    refuses(t, () => openKeyEntry(store, { password }, undefined, bounded), 'algorithm', /500 iterations, more/);
    t.ok(bounded.spent <= limit);
  }
  const once = sequence(
    integer(3),
    dataInfo(sequence()),
    sequence(sequence(algorithm('1.3.14.3.2.26'), octets(Buffer.alloc(20))), octets(Buffer.alloc(8))),
  );
  const unsaid = new Work();
  refuses(t, () => openKeyEntry(once, { password }, undefined, unsaid), 'password', /wrong/);
  t.equal(unsaid.spent, 1, 'one iteration where the MAC does not say how many');
});

t.test('B3 BER as old programs write it: no counted lengths, and texts in several pieces', async (t) => {
  const cut = (content: Buffer) => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < content.length; at += 1000) pieces.push(octets(content.subarray(at, at + 1000)));
    return pieces;
  };
  const bags = sequence(
    bag(pkcs12Oids.certificate, certBag(first.cert)),
    bag(pkcs12Oids.contents, sequence(bag(pkcs12Oids.certificate, certBag(middle.cert)))),
  );
  const { id, data } = encrypt(bags, rc2, password, 100);
  const sealed = ber(
    0x30,
    oid(pkcs12Oids.encryptedData),
    ber(0xa0, ber(0x30, integer(0), ber(0x30, oid(pkcs12Oids.data), id, ber(0xa0, ...cut(data))))),
  );
  const key = ber(
    0x30,
    oid(pkcs12Oids.data),
    ber(0xa0, ber(0x24, ...cut(sequence(bag(pkcs12Oids.key, pkcs8(first.key)))))),
  );
  const all = ber(0x30, key, sealed);
  const store = ber(0x30, integer(3), ber(0x30, oid(pkcs12Oids.data), ber(0xa0, ber(0x24, ...cut(all)))));
  const entry = openKeyEntry(store, { password });
  t.equal(entry.alias, undefined);
  t.same(namesOf(entry.certificates), ['first', 'Middle']);
});

t.test('B3 several keys: by the name of the key or its certificate, or counted where they have none', async (t) => {
  const options: Pkcs12Options = {
    password,
    keys: [
      { key: first.key, localKeyId: 'a' },
      { key: second.key, name: 'Zweiter', localKeyId: 'b' },
      { key: first.key },
      { key: first.key, name: '' },
    ],
    certificates: [
      { certificate: middle.cert },
      { certificate: second.cert, localKeyId: 'b' },
      { certificate: first.cert, name: 'Erster', localKeyId: 'a' },
    ],
  };
  const store = writePkcs12(options);
  const open = (alias?: string) => openKeyEntry(store, { password }, alias);
  refuses(t, () => open(), 'alias', /several private keys; choose one by `alias`: "Erster", "Zweiter", "1", "2"$/);
  t.same(namesOf(open('erster').certificates), ['first', 'Middle'], 'without the other key’s certificate');
  t.same(namesOf(open('ZWEITER').certificates), ['second', 'Middle']);
  t.same(namesOf(open('2').certificates), ['Middle'], 'nothing that another key has');
  t.equal(open('2').alias, undefined);
});

t.test('B3 a certificate that lies there twice comes once', async (t) => {
  const again = [{ certificate: middle.cert }, { certificate: first.cert }];
  const store = writePkcs12({ ...one, certificates: [...(one.certificates ?? []), ...again] });
  t.same(namesOf(openKeyEntry(store, { password }).certificates), ['first', 'Root', 'Middle']);
});

t.test('B3 of two certificates for one key the one that the store says comes first', async (t) => {
  const renewed = await middle.issue({ name: 'renewed', usage: 'client', sameKeyAs: first });
  const certificates = (localKeyId: string) => [
    { certificate: first.cert },
    { certificate: renewed.cert, localKeyId },
    { certificate: middle.cert },
  ];
  const open = (localKeyId: string) =>
    namesOf(openKeyEntry(writePkcs12({ ...one, certificates: certificates(localKeyId) }), { password }).certificates);
  t.same(open('1'), ['renewed', 'first', 'Middle']);
  t.same(open('2'), ['first', 'renewed', 'Middle']);
});

t.test('B3 bags of other kinds, and attributes of other makers, are left alone', async (t) => {
  const odd = [
    bag(pkcs12Oids.secret, sequence()),
    bag('1.2.3.4', sequence()),
    bag(pkcs12Oids.certificate, sequence(oid('1.2.840.113549.1.9.22.2'), context0(octets(Buffer.from('sdsi'))))),
    bag('1.2.3.4', sequence(), {}, sequence(oid('1.3.6.1.4.1.311.17.1'), set(der(0x1e, Buffer.from('\0C'))))),
  ];
  const entry = openKeyEntry(writePkcs12({ ...one, bags: odd }), { password });
  t.same(namesOf(entry.certificates), ['first', 'Root', 'Middle']);
});

t.test('B3 what a store trusts: those that are marked, or all where there is no key', async (t) => {
  const marked = { password, certificates: [{ certificate: root.cert, trusted: true }, { certificate: middle.cert }] };
  t.same(namesOf(openTrustAnchors(writePkcs12(marked), password)), ['Root']);
  const plain = { password, certificates: [{ certificate: root.cert }, { certificate: middle.cert }] };
  t.same(namesOf(openTrustAnchors(writePkcs12(plain), password)), ['Root', 'Middle']);
  const open = writePkcs12({ ...plain, protection: 'none' });
  t.same(namesOf(openTrustAnchors(open, undefined)), ['Root', 'Middle'], 'no password, nothing encrypted');
  refuses(
    t,
    () => openTrustAnchors(writePkcs12(plain), undefined),
    'password',
    /certificates are encrypted; give its password/,
  );
  refuses(
    t,
    () => openTrustAnchors(writePkcs12(one), password),
    'empty',
    /only private keys with theirs.*keytool -importcert/,
  );
});

t.test('B3 as many keys and certificates as a store may hold take no longer for each of them', async (t) => {
  const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 4_900 }, (_, index) => make(index));
  const { raw } = new X509Certificate(first.cert);
  const value = sequence(oid('1.2.840.113549.1.9.22.1'), context0(octets(raw)));
  const plain = pkcs8(first.key);
  const safe = sequence(
    dataInfo(sequence(...many((index) => bag(pkcs12Oids.key, plain, { name: `n${index}`, localKeyId: `k${index}` })))),
    dataInfo(sequence(...many((index) => bag(pkcs12Oids.certificate, value, { localKeyId: `k${index}` })))),
  );
  const store = sealPkcs12(safe, { password, mac: 'none' });
  t.same(namesOf(openKeyEntry(store, { password }, 'N4800').certificates), ['first']);
});

t.test('B3 a key that OpenSSL does not know, and content that is not one', async (t) => {
  const shroud = (plain: Buffer) => {
    const { id, data } = encrypt(plain, pbes2, password, 100);
    return writePkcs12({ ...one, keys: [], bags: [bag(pkcs12Oids.shroudedKey, sequence(id, octets(data)))] });
  };
  const unknown = sequence(integer(0), algorithm('1.2.3.4'), octets(Buffer.from('key')));
  refuses(
    t,
    () => openKeyEntry(shroud(unknown), { password }),
    'algorithm',
    /of a kind that the OpenSSL of this Node does not read/,
  );
  refuses(t, () => openKeyEntry(shroud(sequence(integer(0))), { password }), 'key-password', /`keyPassword`/);
  const { id } = encrypt(unknown, pbes2, password, 100);
  const bags = [bag(pkcs12Oids.shroudedKey, sequence(id, integer(1)))];
  refuses(
    t,
    () => openKeyEntry(writePkcs12({ ...one, keys: [], bags }), { password }),
    'damaged',
    /an encrypted private key/,
  );
});

t.test('B3 keys of all kinds', async (t) => {
  const pairs = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    generateKeyPairSync('ed25519'),
  ];
  for (const { privateKey } of pairs) {
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    t.ok(openKeyEntry(writePkcs12({ ...one, keys: [{ key }] }), { password }).key.equals(privateKey));
  }
});

t.test('B3 what cannot be is damage', async (t) => {
  const version = sequence(integer(3), sequence());
  refuses(t, () => openKeyEntry(version, { password }), 'damaged', /missing/);
  const of = (...bags: Buffer[]) => writePkcs12({ ...one, mac: 'none', bags });
  refuses(t, () => openKeyEntry(of(sequence(oid(pkcs12Oids.key), context0())), { password }), 'damaged', /empty bag/);
  const named = (name: string) =>
    bag(pkcs12Oids.key, sequence(), {}, sequence(oid('1.2.840.113549.1.9.20'), set(der(0x1e, Buffer.from(name)))));
  refuses(t, () => openKeyEntry(of(named('odd')), { password }), 'damaged', /a name/);
  let deep = sequence();
  for (let level = 0; level < 6; level++) deep = sequence(bag(pkcs12Oids.contents, deep));
  refuses(t, () => openKeyEntry(of(bag(pkcs12Oids.contents, deep)), { password }), 'damaged', /too deep/);
  const small = bag('1.2.3.4', sequence());
  const many = sequence(...Array.from({ length: 5_001 }, () => small));
  const twice = sealPkcs12(sequence(dataInfo(many), dataInfo(many)), { password, mac: 'none' });
  refuses(t, () => openKeyEntry(twice, { password }), 'damaged', /too many entries/);
});

function certBag(pem: string): Buffer {
  const raw = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return sequence(oid('1.2.840.113549.1.9.22.1'), context0(octets(raw)));
}

function pkcs8(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}
