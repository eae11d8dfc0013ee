import { pbkdf2Sync } from 'node:crypto';
import t from 'tap';
import { readElement } from '../../../src/tls/stores/der.ts';
import { openJceksProtection, openJksProtection } from '../../../src/tls/stores/java-protection.ts';
import { deriveKey, spellingsOf } from '../../../src/tls/stores/pkcs12-key.ts';
import { available, decipher } from '../../../src/tls/stores/primitives.ts';
import { pbkdf2, unprotect } from '../../../src/tls/stores/protection.ts';
import { Work } from '../../../src/tls/stores/work.ts';
import { algorithm, integer, nothing, octets, oid, sequence } from '../../fixtures/der.ts';
import { encrypt, type Protection, pbes2Algorithm, pbkdf2Algorithm, prfs } from '../../fixtures/pkcs12-stores.ts';
import { refuses } from '../../fixtures/stores.ts';

const plain = Buffer.from('sixteen bytes ok');
const isPlain = (found: Buffer): boolean => found.equals(plain);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

t.test('B4 the JDK’s PBEWithMD5AndTripleDES, halves of the salt that are alike included', async (t) => {
  // Made by SunJCE of JDK 17: password `changeit`, 20 iterations.
  const made = {
    '0102030405060708': '3ba1ff0b5d60746e0bd947217002961bc36cbc727dfc0e0f',
    '0102030401020304': '9b3793f8c2a2a2b20e5c598125033eebe46b05c6f2660521',
  };
  for (const [salt, data] of Object.entries(made)) {
    const parameters = readElement(sequence(octets(hex(salt)), integer(20)));
    const work = new Work();
    t.same(openJceksProtection({ oid: '', parameters }, hex(data), 'changeit', work), plain, salt);
    t.equal(work.spent, 40);
    t.equal(openJceksProtection({ oid: '', parameters }, hex(data), 'changeme', work), undefined);
  }
});

t.test('a JKS key cut short is not opened', async (t) => {
  t.equal(openJksProtection(Buffer.alloc(39), 'x'), undefined);
});

const protections: Record<string, Exclude<Protection, 'none'>> = {
  '3DES of PKCS#12': { scheme: 'pkcs12', cipher: '3des' },
  '3DES with two keys': { scheme: 'pkcs12', cipher: '2des' },
  'RC2-128': { scheme: 'pkcs12', cipher: 'rc2-128' },
  'RC2-40': { scheme: 'pkcs12', cipher: 'rc2-40' },
  'AES-128, SHA-1 unsaid': { scheme: 'pbes2', cipher: 'aes-128-cbc' },
  'AES-192, SHA-1 said': { scheme: 'pbes2', cipher: 'aes-192-cbc', prf: 'sha1' },
  'AES-256, SHA-256': { scheme: 'pbes2', cipher: 'aes-256-cbc', prf: 'sha256' },
  'AES-256, SHA-224': { scheme: 'pbes2', cipher: 'aes-256-cbc', prf: 'sha224' },
  'AES-256, SHA-384': { scheme: 'pbes2', cipher: 'aes-256-cbc', prf: 'sha384' },
  'AES-256, SHA-512': { scheme: 'pbes2', cipher: 'aes-256-cbc', prf: 'sha512' },
  '3DES by PBES2': { scheme: 'pbes2', cipher: 'des-ede3-cbc', prf: 'sha256' },
};

for (const [name, protection] of Object.entries(protections)) {
  t.test(`B3 ${name} opens with its password, the empty one too, and no other`, async (t) => {
    for (const password of ['secret', 'pä€s', '', undefined]) {
      const { id, data } = encrypt(plain, protection, password, 70);
      const open = (...tried: string[]) => unprotect(readElement(id), data, tried, new Work(), isPlain);
      t.same(open(password ?? ''), plain, String(password));
      t.same(open('wrong', password ?? ''), plain, 'the second that is tried');
      t.equal(open('wrong'), undefined, 'wrong');
    }
  });
}

t.test('data that no cipher leaves is not opened', async (t) => {
  for (const cipher of ['aes-128-cbc', 'rc2-40']) {
    const block = cipher === 'rc2-40' ? 8 : 16;
    for (const length of [0, 1, block + 1]) {
      t.equal(
        decipher(cipher, Buffer.alloc(cipher === 'rc2-40' ? 5 : 16), Buffer.alloc(block), Buffer.alloc(length)),
        undefined,
      );
    }
  }
});

t.test('B3 an algorithm that is not read is named, with the command that rewrites the store', async (t) => {
  const sha1 = algorithm(prfs['sha1'] as string, nothing);
  const derivation = pbkdf2Algorithm(sequence(octets(hex('00')), integer(1), sha1));
  const aes = algorithm('2.16.840.1.101.3.4.1.42', octets(Buffer.alloc(16)));
  const unread: Record<string, Buffer> = {
    pbeWithSHA1And128BitRC4: algorithm('1.2.840.113549.1.12.1.1', sequence()),
    pbeWithSHA1And40BitRC4: algorithm('1.2.840.113549.1.12.1.2', sequence()),
    'pbeWithMD5AndDES-CBC': algorithm('1.2.840.113549.1.5.3', sequence()),
    scrypt: pbes2Algorithm(algorithm('1.3.6.1.4.1.11591.4.11', sequence()), aes),
    'PBES2 with RC2': pbes2Algorithm(derivation, algorithm('1.2.840.113549.3.2', sequence())),
    'the algorithm 1.2.643.7.1.1.4.2': pbes2Algorithm(
      pbkdf2Algorithm(sequence(octets(hex('00')), integer(1), algorithm('1.2.643.7.1.1.4.2'))),
      aes,
    ),
    'the algorithm 1.2.3.4': algorithm('1.2.3.4'),
  };
  for (const [name, id] of Object.entries(unread)) {
    const { message } = refuses(
      t,
      () => unprotect(readElement(id), plain, ['x'], new Work(), isPlain),
      'algorithm',
      /keytool -importkeystore .*openssl pkcs12 .*-export/,
      name,
    );
    t.match(message, name);
  }
});

t.test('parameters that cannot be are damage', async (t) => {
  const aes = algorithm('2.16.840.1.101.3.4.1.42', octets(Buffer.alloc(16)));
  const salt = octets(hex('00'));
  const wrong: Record<string, Buffer> = {
    'PBES2 without a cipher': algorithm('1.2.840.113549.1.5.13', sequence(pbkdf2Algorithm(sequence()))),
    'an initialization vector of another size': pbes2Algorithm(
      pbkdf2Algorithm(sequence(salt, integer(1))),
      algorithm('2.16.840.1.101.3.4.1.42', octets(Buffer.alloc(8))),
    ),
    'a key of another length': pbes2Algorithm(pbkdf2Algorithm(sequence(salt, integer(1), integer(16))), aes),
    'no iterations': pbes2Algorithm(pbkdf2Algorithm(sequence(salt, integer(0))), aes),
    'no parameters': algorithm('1.2.840.113549.1.12.1.3'),
    'no algorithm': oid('1.2.3'),
  };
  for (const [name, id] of Object.entries(wrong)) {
    refuses(t, () => unprotect(readElement(id), plain, ['x'], new Work(), isPlain), 'damaged', /damaged/, name);
  }
  for (const length of [undefined, 0, 129]) {
    const parts = length === undefined ? [salt, integer(1)] : [salt, integer(1), integer(length)];
    const parameters = readElement(sequence(...parts));
    refuses(t, () => pbkdf2({ oid: '1.2.840.113549.1.5.12', parameters }, new Work()), 'damaged', /key length/);
  }
});

t.test('the iterations of every derivation are counted before they are done', async (t) => {
  for (const [name, protection] of Object.entries(protections)) {
    const { id, data } = encrypt(plain, protection, 'secret', 90);
    const work = new Work(89);
    refuses(t, () => unprotect(readElement(id), data, ['secret'], work, isPlain), 'algorithm', /90 iterations/, name);
    t.equal(work.spent, 0);
  }
  const work = new Work();
  const parameters = readElement(sequence(octets(hex('aa')), integer(7), integer(40)));
  const derived = pbkdf2({ oid: '1.2.840.113549.1.5.12', parameters }, work)('x');
  t.same(derived, pbkdf2Sync('x', hex('aa'), 7, 40, 'sha1'));
  t.equal(work.spent, 14, 'forty octets are two blocks of SHA-1');
});

t.test('PKCS#12’s derivation, by vectors of others', async (t) => {
  // Dr Stephen Henson's, which OpenSSL, GnuTLS and Bouncy Castle test with.
  const salt = hex('0a58cf64530d823f');
  const password = hex('0073006d006500670000');
  const derive = (purpose: number, iterations: number, length: number) =>
    deriveKey({ hash: 'sha1', salt, iterations }, password, purpose, length, new Work()).toString('hex');
  t.equal(derive(1, 1, 24), '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3');
  t.equal(derive(2, 1, 8), '79993dfe048d3b76');
});

t.test('an empty password is spelled in two ways, and one beyond ASCII as an old OpenSSL did too', async (t) => {
  const spelled = (password: string) => spellingsOf(password).map((spelling) => spelling.toString('hex'));
  t.same(spelled('ab'), ['006100620000']);
  t.same(spelled(''), ['0000', '']);
  t.same(spelled('é'), ['00e90000', '00c300a90000']);
  t.same(spelled('😀'), ['d83dde000000', '00f0009f009800800000']);
});

t.test('what this OpenSSL lacks, as one set up for FIPS does, is named', async (t) => {
  refuses(
    t,
    () => decipher('no-such-cbc', plain, plain, plain),
    'algorithm',
    /no-such-cbc, which the OpenSSL of this Node lacks/,
  );
  t.equal(
    available('x', () => 1),
    1,
  );
});
