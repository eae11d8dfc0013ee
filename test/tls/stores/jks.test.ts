import { createRequire } from 'node:module';
import t from 'tap';
import { loadForge } from '../../../src/forge.ts';
import { openKeyEntry, openTrustAnchors } from '../../../src/tls/keystore.ts';
import { Work } from '../../../src/tls/stores/work.ts';
import { number, seal, secretKey, writeJavaStore } from '../../fixtures/java-stores.ts';
import { makeStoreScene, namesOf, refuses } from '../../fixtures/stores.ts';

const { root, middle, first, second } = await makeStoreScene();
const chainOf = (identity: typeof first) => [identity.cert, middle.cert, root.cert];
const password = 'storepass';
const keys = [
  { alias: 'first', key: first.key, certificates: chainOf(first) },
  { alias: 'second', key: second.key, certificates: chainOf(second), keyPassword: 'keypass' },
];
const trust = { alias: 'ca', certificate: root.cert };

for (const kind of ['JKS', 'JCEKS'] as const) {
  for (const version of [1, 2] as const) {
    t.test(`B4 a ${kind} of version ${version}: keys with either password, and what it trusts`, async (t) => {
      const store = writeJavaStore({ kind, version, password, entries: [...keys, trust] });
      const one = openKeyEntry(store, { password }, 'first');
      t.equal(one.alias, 'first');
      t.same(one.key.export({ type: 'pkcs8', format: 'pem' }), first.key);
      t.same(namesOf(one.certificates), ['first', 'Middle', 'Root']);
      const other = openKeyEntry(store, { password, keyPassword: 'keypass' }, 'SECOND');
      t.equal(other.key.asymmetricKeyType, 'rsa');
      t.same(namesOf(other.certificates), ['second', 'Middle', 'Root']);
      t.same(namesOf(openTrustAnchors(store, password)), ['Root']);
      t.same(namesOf(openTrustAnchors(store, undefined)), ['Root'], 'unchecked without a password');
    });
  }

  t.test(`B4 a ${kind}: each password that is wrong or missing is told from the other`, async (t) => {
    const store = writeJavaStore({ kind, password, entries: [...keys, trust] });
    const open = (alias: string, password?: string, keyPassword?: string) =>
      openKeyEntry(store, { password, keyPassword }, alias);
    refuses(t, () => open('first', 'wrong'), 'password', /wrong, or the file was changed/);
    refuses(t, () => openTrustAnchors(store, 'wrong'), 'password', /wrong, or the file was changed/);
    refuses(t, () => open('first'), 'password', /is encrypted; give its password/);
    refuses(t, () => open('second', password), 'key-password', /a password of its own.*`keyPassword`/);
    refuses(t, () => open('second', password, 'wrong'), 'key-password', /does not open the private key/);
    const one = writeJavaStore({ kind, password, entries: keys.slice(1) });
    refuses(
      t,
      () => openKeyEntry(one, { password: 'keypass' }),
      'password',
      /not that of the store: .*as `keyPassword`/,
    );
    t.equal(open('first', password, 'wrong').alias, 'first', 'one that the key does not need');
    t.equal(open('second', undefined, 'keypass').alias, 'second', 'the key’s alone, without the check');
  });
}

t.test('B4 a JCEKS may protect a key as a JKS does, and hold secret keys, which are stepped over', async (t) => {
  const secret = (alias: string) => ({ alias, secret: secretKey() });
  const plain = { ...(keys[0] as (typeof keys)[0]), protection: 'jks' } as const;
  const store = writeJavaStore({
    kind: 'JCEKS',
    password,
    entries: [secret('a'), plain, secret('b'), trust, secret('c')],
  });
  const work = new Work();
  t.equal(openKeyEntry(store, { password }, undefined, work).alias, 'first');
  t.equal(work.spent, 0);
  t.same(namesOf(openTrustAnchors(store, password)), ['Root']);
  refuses(
    t,
    () => openKeyEntry(store, { password }, 'b'),
    'alias',
    /no private key with the alias "b"; it has: "first"/,
  );
});

t.test('B4 the iterations of a JCEKS’ key are bounded', async (t) => {
  const store = writeJavaStore({ kind: 'JCEKS', password, entries: keys, iterations: 60 });
  const work = new Work(119);
  refuses(t, () => openKeyEntry(store, { password }, 'first', work), 'algorithm', /60 iterations/);
});

t.test('B4 a changed file is told from a wrong password where the key says that the password is right', async (t) => {
  for (const kind of ['JKS', 'JCEKS'] as const) {
    const store = writeJavaStore({ kind, password, entries: keys });
    const changed = Buffer.from(store);
    changed.writeUInt8(changed.readUInt8(changed.length - 300) ^ 1, changed.length - 300); // in the last certificate
    refuses(
      t,
      () => openKeyEntry(changed, { password }, 'first'),
      'password',
      /opens a private key in it, but .* the file is damaged/,
    );
    const trusting = writeJavaStore({ kind, password, entries: [trust] });
    trusting.writeUInt8(trusting.readUInt8(200) ^ 1, 200);
    refuses(t, () => openTrustAnchors(trusting, password), 'password', /or the file was changed/);
  }
});

t.test('B4 a store that is not whole, or says what cannot be, is damaged', async (t) => {
  const whole = writeJavaStore({ password, entries: [trust] });
  const content = whole.subarray(0, -20);
  const put = (at: number, value: number): Buffer => {
    const changed = Buffer.from(content);
    changed.writeUInt32BE(value, at);
    return seal(changed, password);
  };
  const wrong: Record<string, readonly [Buffer, RegExp]> = {
    'the start alone': [whole.subarray(0, 31), /too early/],
    'without its end': [seal(content.subarray(0, -1), password), /too early/],
    'with something behind': [seal(Buffer.concat([content, number(1, 0)]), password), /after its last entry/],
    'of another version': [put(4, 3), /version/],
    'with a billion entries': [put(8, 1e9), /too many entries/],
    'with more entries than it has': [put(8, 2), /too early/],
    'with an unknown kind of entry': [put(12, 4), /unknown kind/],
  };
  for (const [name, [store, words]] of Object.entries(wrong)) {
    refuses(t, () => openTrustAnchors(store, password), 'damaged', words, name);
  }
  const chain = writeJavaStore({ password, entries: [{ ...keys[0], certificates: [] } as (typeof keys)[0]] });
  chain.writeUInt32BE(0xffffffff, chain.length - 24);
  refuses(t, () => openKeyEntry(chain, { password: undefined }), 'damaged', /too many certificates/);
});

t.test('B4 a certificate or key that cannot be read is named as such, whatever the digest says', async (t) => {
  const store = writeJavaStore({ password, entries: [trust] });
  const broken = Buffer.from(store.subarray(0, -20));
  broken.fill(0x7a, broken.length - 200);
  refuses(t, () => openTrustAnchors(seal(broken, password), password), 'damaged', /a certificate in it cannot be read/);
  const key = Buffer.from(writeJavaStore({ password, entries: [keys[0] as (typeof keys)[0]] }).subarray(0, -20));
  const start = key.indexOf(Buffer.from('2b060104012a', 'hex')); // Sun's arc
  key.writeUInt8(0x7f, start + 5);
  refuses(t, () => openKeyEntry(seal(key, password), { password }), 'algorithm', /the algorithm 1\.3\.6\.1\.4\.1\.127/);
  refuses(t, () => openKeyEntry(seal(key, password), { password: 'wrong' }), 'password', /is wrong/);
});

t.test('B4 certificates not in the usual order come with the key’s own first', async (t) => {
  const turned = { alias: 'x', key: first.key, certificates: [root.cert, middle.cert, first.cert] };
  const foreign = { alias: 'y', key: first.key, certificates: [second.cert, middle.cert] };
  const store = writeJavaStore({ password, entries: [turned, foreign] });
  t.same(namesOf(openKeyEntry(store, { password }, 'x').certificates), ['first', 'Root', 'Middle']);
  t.same(
    namesOf(openKeyEntry(store, { password }, 'y').certificates),
    ['second', 'Middle'],
    'none is the key’s: as they lie',
  );
});

t.test('forge is not loaded for what node:crypto reads', async (t) => {
  const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('node-forge'));
  t.equal(
    openKeyEntry(writeJavaStore({ kind: 'JCEKS', password, entries: keys }), { password }, 'first').alias,
    'first',
  );
  t.notOk(loaded());
  t.type(loadForge().rc2, 'object');
  t.ok(loaded());
});
