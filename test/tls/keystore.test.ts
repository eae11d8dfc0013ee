import { randomBytes } from 'node:crypto';
import t from 'tap';
import { openKeyEntry, openTrustAnchors } from '../../src/tls/keystore.ts';
import { sequence } from '../fixtures/der.ts';
import { writeJavaStore } from '../fixtures/java-stores.ts';
import { writePkcs12 } from '../fixtures/pkcs12-stores.ts';
import { makeStoreScene, refuses } from '../fixtures/stores.ts';

const { root, first } = await makeStoreScene();
const password = 'secret';

t.test('what is no key store is named for what it is', async (t) => {
  const given: Record<string, readonly [Buffer, RegExp]> = {
    nothing: [Buffer.alloc(0), /it is empty/],
    PEM: [Buffer.from(first.cert), /PEM.*`cert`, `key` or `ca`/],
    'PEM behind a comment': [Buffer.from(`# ours\n${first.cert}`), /PEM/],
    Base64: [Buffer.from(`${writePkcs12({ password }).toString('base64')}\n`), /text.*base64 -d/],
    DER: [sequence(sequence()), /no PKCS#12, JKS or JCEKS store; convert it: keytool -importkeystore/],
    'another store, as BKS': [
      Buffer.from('0000000200000014', 'hex'),
      /convert it: keytool -importkeystore.*-srcstoretype/,
    ],
    'one octet': [Buffer.from([0x30]), /text/],
    'a start too short': [Buffer.from([0xfe, 0xed]), /convert it/],
    'an endless file': [Buffer.alloc((8 << 20) + 1, 0x30), /larger than any key store/],
  };
  for (const [name, [store, words]] of Object.entries(given)) {
    refuses(t, () => openKeyEntry(store, { password }), 'format', words, name);
    refuses(t, () => openTrustAnchors(store, password), 'format', words, name);
  }
});

t.test('a store without what is wanted says what it has', async (t) => {
  const key = { alias: 'k', key: first.key, certificates: [first.cert] };
  const trusted = { alias: 'ca', certificate: root.cert };
  refuses(
    t,
    () => openKeyEntry(writeJavaStore({ password, entries: [trusted] }), { password }),
    'empty',
    /no private key/,
  );
  const theirs = /no trusted certificate, only private keys with theirs; add one: keytool -importcert/;
  refuses(t, () => openTrustAnchors(writeJavaStore({ password, entries: [key] }), password), 'empty', theirs);
  const none = /no trusted certificate; add one/;
  refuses(t, () => openTrustAnchors(writeJavaStore({ password, entries: [] }), password), 'empty', none);
  const bare = writeJavaStore({ password, entries: [{ ...key, certificates: [] }] });
  refuses(t, () => openKeyEntry(bare, { password }), 'empty', /no certificate beside it/);
});

t.test('aliases are told apart, listed and made fit to print', async (t) => {
  const entry = (alias: string) => ({ alias, key: first.key, certificates: [first.cert] });
  const open = (aliases: readonly string[], alias?: string) =>
    openKeyEntry(writeJavaStore({ password, entries: aliases.map(entry) }), { password }, alias);
  t.equal(open(['one', 'two'], 'TWO').alias, 'two');
  t.equal(open(['only']).alias, 'only');
  refuses(t, () => open(['only'], 'other'), 'alias', /no private key with the alias "other"; it has: "only"/);
  refuses(
    t,
    () => open(['one', 'ONE'], 'one'),
    'alias',
    /several private keys with the alias "one"; it has: "one", "ONE"/,
  );
  refuses(t, () => open(['a\u001b[31m\n', 'b'.repeat(100)]), 'alias', /: "a\?\[31m\?", "b{64}…"$/);
  const many = Array.from({ length: 23 }, (_, index) => `k${index}`);
  refuses(t, () => open(many), 'alias', /"k19" and 3 more$/);
});

t.test('B14 no message quotes a password or what lies in the store', async (t) => {
  const marked = `marked${randomBytes(8).toString('hex')}`;
  const key = { alias: 'k', key: first.key, certificates: [first.cert], keyPassword: `${marked}k` };
  const stores = [
    writeJavaStore({ password: marked, entries: [key] }),
    writeJavaStore({ kind: 'JCEKS', password: marked, entries: [key] }),
    writePkcs12({
      password: marked,
      keys: [{ key: first.key, password: `${marked}k` }],
      certificates: [{ certificate: first.cert }],
    }),
  ];
  for (const store of stores) {
    for (const passwords of [
      { password: marked },
      { password: `${marked}x` },
      { password: marked, keyPassword: `${marked}y` },
    ]) {
      const error = refuses(
        t,
        () => openKeyEntry(store, passwords),
        /x$/.test(passwords.password) ? 'password' : 'key-password',
        /password/,
      );
      t.notMatch(`${error.stack}${JSON.stringify(error)}${error.cause}`, marked);
    }
  }
});
