import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { KeystoreError, openKeyEntry, openTrustAnchors } from '../../src/tls/keystore.ts';
import { refusedStore } from '../../src/tls/misplaced.ts';
import { makeStoreScene, namesOf, refuses } from '../fixtures/stores.ts';
import { run } from './local.ts';

const { root, middle, first } = await makeStoreScene();
const directory = await mkdtemp(join(tmpdir(), 'openssl-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));
await writeFile(join(directory, 'all.pem'), first.key + first.cert + middle.cert);
await writeFile(join(directory, 'root.pem'), root.cert);

async function openssl(t: Test, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run('openssl', args, { cwd: directory });
  if (code !== 0) t.fail(`openssl ${args.join(' ')}`, { stderr });
}

async function bundle(t: Test, password: string, ...args: readonly string[]): Promise<Buffer> {
  await openssl(
    t,
    'pkcs12',
    '-export',
    '-in',
    'all.pem',
    '-name',
    'First',
    '-out',
    'OLD',
    '-passout',
    `pass:${password}`,
    ...args,
  );
  return readFile(join(directory, 'OLD'));
}

const pbe = (key: string, certificates = key): readonly string[] => ['-keypbe', key, '-certpbe', certificates];

/** Every style, and whether a password is needed at all. */
const styles: Readonly<Record<string, readonly string[]>> = {
  modern: [],
  '-legacy (RC2-40)': ['-legacy'],
  '3DES': [...pbe('PBE-SHA1-3DES'), '-macalg', 'sha1'],
  '3DES with two keys': ['-legacy', ...pbe('PBE-SHA1-2DES')],
  'RC2-128': ['-legacy', ...pbe('PBE-SHA1-RC2-128')],
  'AES-128 and AES-192': pbe('AES-128-CBC', 'AES-192-CBC'),
  '3DES by PBES2': pbe('DES-EDE3-CBC'),
  'certificates in the clear': ['-certpbe', 'NONE'],
  'the key in the clear': ['-keypbe', 'NONE'],
  'no MAC': ['-nomac'],
  'SHA-512': ['-macalg', 'sha512'],
  'one iteration for the MAC': ['-nomaciter'],
  '200,000 iterations': ['-iter', '200000'],
};

for (const [name, args] of Object.entries(styles)) {
  t.test(`B3 openssl pkcs12 -export, ${name}: with a password, one beyond ASCII, and an empty one`, async (t) => {
    for (const password of ['secret', 'pä€😀', '']) {
      if (password !== 'secret' && name === '200,000 iterations') continue;
      const store = await bundle(t, password, ...args);
      const entry = openKeyEntry(store, { password });
      t.equal(entry.alias, 'First');
      t.same(entry.key.export({ type: 'pkcs8', format: 'pem' }), first.key);
      t.same(namesOf(entry.certificates), ['first', 'Middle']);
      refuses(t, () => openKeyEntry(store, { password: 'wrong' }), 'password', /password/);
      const none = () => openKeyEntry(store, { password: undefined });
      if (password === '') t.equal(none().alias, 'First', 'an empty one need not be given');
      else refuses(t, none, 'password', /password/);
    }
  });
}

t.test('B3 nothing is encrypted and nothing signed: no password is asked for', async (t) => {
  const store = await bundle(t, 'unused', ...pbe('NONE'), '-nomac');
  t.equal(openKeyEntry(store, { password: undefined }).alias, 'First');
});

t.test('B3 certificates alone are all trusted', async (t) => {
  const args = ['-nokeys', '-in', 'root.pem', '-out', 'trust.p12', '-passout', 'pass:secret'];
  await openssl(t, 'pkcs12', '-export', ...args);
  const store = await readFile(join(directory, 'trust.p12'));
  t.same(namesOf(openTrustAnchors(store, 'secret')), ['Root']);
  refuses(t, () => openTrustAnchors(store, 'wrong'), 'password', /wrong/);
});

t.test('B3 the command that tries a refused password tells the right one from a wrong one', async (t) => {
  const error = new KeystoreError('password', 'the password is wrong');
  for (const style of ['modern', '-legacy (RC2-40)', '3DES']) {
    const store = await bundle(t, 'secret', ...(styles[style] as readonly string[]));
    const [, command = ''] = /; try it: openssl (.*)$/.exec(refusedStore('OLD', store, 'pfx', error, true)) ?? [];
    const codes: boolean[] = [];
    for (const password of ['secret', 'wrong']) {
      const { code } = await run('openssl', [...command.split(' '), '-passin', `pass:${password}`], { cwd: directory });
      codes.push(code === 0);
    }
    t.same(codes, [true, false], style);
  }
});

t.test('B3 an algorithm that is not read is named, and what the message says to run rewrites the store', async (t) => {
  for (const [algorithm, words] of [
    ['PBE-SHA1-RC4-128', /pbeWithSHA1And128BitRC4/],
    ['PBE-SHA1-RC4-40', /pbeWithSHA1And40BitRC4/],
    ['PBE-MD5-DES', /pbeWithMD5AndDES-CBC/],
  ] as const) {
    const store = await bundle(t, 'secret', '-legacy', ...pbe(algorithm));
    refuses(t, () => openKeyEntry(store, { password: 'wrong' }), 'password', /wrong/);
    const { message } = refuses(t, () => openKeyEntry(store, { password: 'secret' }), 'algorithm', words);
    const [, commands = ''] = /or: (openssl .*)$/.exec(message) ?? [];
    for (const [index, command] of commands.split(' && ').entries()) {
      const asked = [
        '-passin',
        index === 0 ? 'pass:secret' : 'pass:between',
        '-passout',
        index === 0 ? 'pass:between' : 'pass:new',
      ];
      await openssl(t, ...command.split(' ').slice(1), ...asked);
    }
    const entry = openKeyEntry(await readFile(join(directory, 'NEW.p12')), { password: 'new' });
    t.same(entry.key.export({ type: 'pkcs8', format: 'pem' }), first.key);
    t.same(namesOf(entry.certificates), ['first', 'Middle']);
  }
});
