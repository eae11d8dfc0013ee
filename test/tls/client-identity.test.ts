import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import type { TlsSettings } from '../../src/config/config.ts';
import { readClientIdentity } from '../../src/tls/client-identity.ts';
import { CredentialProblems } from '../../src/tls/credential-problem.ts';
import { type KeyEntry, KeystoreError, type openKeyEntry } from '../../src/tls/keystore.ts';
import type { StoreFault } from '../../src/tls/stores/fault.ts';
import { encryptKey, makeAuthority, writeFiles } from '../fixtures/pki.ts';

const root = await makeAuthority({ name: 'Root' });
const middle = await makeAuthority({ name: 'Middle', parent: root });
const other = await makeAuthority({ name: 'Other' });
const leaf = await middle.issue({ name: 'leaf', usage: 'client' });
const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
const expired = await root.issue({ name: 'expired', usage: 'client', ...past });
const oldMiddle = await makeAuthority({ name: 'Old', parent: root, ...past });
const belowOld = await oldMiddle.issue({ name: 'below', usage: 'client' });
const server = await root.issue({ name: 'server', usage: 'server' });

const directory = t.testdir({});
const file = (name: string): string => join(directory, name);
await writeFiles(directory, {
  'leaf.crt': leaf.cert,
  'leaf.key': leaf.key,
  'leaf-sealed.key': encryptKey(leaf.key, 'x'),
  'disorder.crt': `${root.cert}a comment\r\n${middle.cert}${leaf.cert}`,
  'chain.crt': leaf.chain,
  'strays.crt': `${leaf.cert}${root.cert}${other.cert}`,
  'expired.crt': expired.cert,
  'expired.key': expired.key,
  'below.crt': belowOld.chain,
  'below.key': belowOld.key,
  'server.crt': server.cert,
  'server.key': server.key,
  store: 'a store',
});

const readAll = (...all: readonly { cert: string }[]) => all.map(({ cert }) => new X509Certificate(cert));
const closed: typeof openKeyEntry = () => {
  throw new Error('not to be opened');
};

/** What is read by a route's keys; relative names are of the test's files. */
function read(
  { cert, key, pfx, keystore, ...tls }: Partial<TlsSettings>,
  { open = closed, anchors = [] }: { open?: typeof openKeyEntry; anchors?: readonly X509Certificate[] } = {},
) {
  const named = Object.entries({ cert, key, pfx }).filter(([, name]) => name !== undefined);
  const settings: TlsSettings = {
    ...routeTo('https://h').tls,
    ...tls,
    ...Object.fromEntries(named.map(([at, name]) => [at, file(name as string)])),
    ...(keystore !== undefined && { keystore: { ...keystore, file: file(keystore.file as string) } }),
  };
  const problems = new CredentialProblems();
  const identity = readClientIdentity(settings, () => anchors, open, problems);
  return {
    names: identity?.certificates.map(({ subject }) => subject),
    key: identity?.key,
    said: problems.all.map(
      ({ severity, key, within = '', message }) =>
        `${severity} ${key}${within && `.${within}`}: ${message.replaceAll(`${directory}/`, '')}`,
    ),
  };
}

const pair = { cert: 'leaf.crt', key: 'leaf.key' };

t.test('none', async (t) => {
  t.same(read({}), { names: undefined, key: undefined, said: [] });
});

t.test('B1 the chain is put in order', async (t) => {
  t.match(read({ ...pair, cert: 'disorder.crt' }), { names: ['CN=leaf', 'CN=Middle', 'CN=Root'], said: [] });
  t.match(read({ ...pair, cert: 'chain.crt' }), { names: ['CN=leaf', 'CN=Middle'], said: [] }, 'above it is the root');
  t.match(read(pair, { anchors: readAll(root, middle) }), { names: ['CN=leaf', 'CN=Middle'], said: [] });
});

t.test('what is missing and what is too much', async (t) => {
  t.match(read(pair), {
    names: ['CN=leaf'],
    said: [/^warning cert: leaf\.crt lacks the issuer of CN=leaf: CN=Middle; if that is an intermediate/],
  });
  t.match(read({ ...pair, cert: 'strays.crt' }), {
    names: ['CN=leaf'],
    said: [
      /^warning cert: strays\.crt: no part of the chain of CN=leaf and not sent: CN=Root; CN=Other; take that out, or put in/,
      /lacks the issuer of CN=leaf: CN=Middle/,
    ],
  });
});

t.test('B5 a key of another certificate', async (t) => {
  t.match(read({ cert: 'chain.crt', key: 'server.key' }), {
    names: undefined,
    said: [/^error key: .*server\.key is not the key of any in chain\.crt \(CN=leaf; CN=Middle\)$/],
  });
});

t.test('files that are wrong, both at once', async (t) => {
  t.match(read({ cert: 'leaf.key', key: 'leaf.crt' }).said, [/^error cert: /, /^error key: /]);
  t.match(read({ cert: 'none', key: 'none' }).said, [/^error cert: none cannot be read/, /^error key: none cannot/]);
  t.match(read({ ...pair, key: 'leaf-sealed.key' }).said, [/^error key: /]);
  t.same(read({ ...pair, cert: 'chain.crt', key: 'leaf-sealed.key', passphrase: 'x' }).said, []);
});

t.test('B6 dates, of the chain too, and what the certificate is for', async (t) => {
  const anchors = readAll(root);
  t.match(read({ cert: 'expired.crt', key: 'expired.key' }, { anchors }).said, [
    /^warning cert: the certificate CN=expired in expired\.crt: it expired on 2020-02-01; renew it$/,
  ]);
  t.match(read({ cert: 'below.crt', key: 'below.key' }, { anchors }).said, [
    /^warning cert: the certificate CN=Old in below\.crt: it expired on 2020-02-01/,
  ]);
  t.match(read({ cert: 'server.crt', key: 'server.key' }, { anchors }).said, [
    /^warning cert: the certificate CN=server in server\.crt: it is not made for clients/,
  ]);
});

t.test('stores', async (t) => {
  const asked: unknown[] = [];
  const key = createPrivateKey(leaf.key);
  const open: typeof openKeyEntry = (store, passwords, alias): KeyEntry => {
    asked.push([String(store), passwords, alias]);
    return { alias: 'a', key, certificates: readAll(middle, leaf) };
  };
  t.match(read({ pfx: 'store', passphrase: 'p' }, { open }), { names: ['CN=leaf', 'CN=Middle'], key, said: [] });
  t.match(read({ pfx: 'store' }, { open }).said, []);
  const keystore = { file: 'store', password: 'p', keyPassword: 'k', alias: 'a' };
  t.match(read({ keystore }, { open }).names, ['CN=leaf', 'CN=Middle']);
  t.same(asked, [
    ['a store', { password: 'p', keyPassword: undefined }, undefined],
    ['a store', { password: undefined, keyPassword: undefined }, undefined],
    ['a store', { password: 'p', keyPassword: 'k' }, 'a'],
  ]);
  t.match(read({ keystore: { file: 'none' } }, { open }).said, [/^error keystore\.file: none cannot be read/]);
});

t.test('a store without the certificate of its key', async (t) => {
  const key = createPrivateKey(leaf.key);
  const holding = (...certificates: X509Certificate[]) => ({ open: () => ({ alias: 'a', key, certificates }) });
  t.match(read({ pfx: 'store' }, holding()).said, [/^error pfx: store holds no certificate of its key, only the key$/]);
  t.match(read({ keystore: { file: 'store' } }, holding(...readAll(middle))).said, [
    /^error keystore\.file: store holds no certificate of its key, only CN=Middle$/,
  ]);
});

t.test('a store that is refused: the place of what has to change', async (t) => {
  const place = (tls: Partial<TlsSettings>, fault: StoreFault) => {
    const open = () => {
      throw new KeystoreError(fault, 'said');
    };
    return read(tls, { open }).said.map((each) => each.replace(/: .*/, ''));
  };
  const bare = { keystore: { file: 'store' } };
  const full = { keystore: { file: 'store', password: 'p', keyPassword: 'k', alias: 'a' } };
  t.same(place({ pfx: 'store' }, 'password'), ['error pfx']);
  t.same(place({ pfx: 'store', passphrase: 'p' }, 'password'), ['error passphrase']);
  t.same(place({ pfx: 'store', passphrase: 'p' }, 'damaged'), ['error pfx']);
  t.same(place(bare, 'password'), ['error keystore']);
  t.same(place(full, 'password'), ['error keystore.password']);
  t.same(place(bare, 'key-password'), ['error keystore']);
  t.same(place(full, 'key-password'), ['error keystore.keyPassword']);
  t.same(place(bare, 'alias'), ['error keystore']);
  t.same(place(full, 'alias'), ['error keystore.alias']);
  for (const fault of ['format', 'damaged', 'algorithm', 'empty'] as const) {
    t.same(place(full, fault), ['error keystore.file']);
  }
  t.throws(() => read({ pfx: 'store' }), /not to be opened/, 'another error is a fault of ours');
});
