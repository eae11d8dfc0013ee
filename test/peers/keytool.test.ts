import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openKeyEntry, openTrustAnchors } from '../../src/tls/keystore.ts';
import { encryptKey, type Identity } from '../fixtures/pki.ts';
import { makeStoreScene, namesOf, refuses } from '../fixtures/stores.ts';
import { run } from './local.ts';

const { root, middle, first, second } = await makeStoreScene();
const directory = await mkdtemp(join(tmpdir(), 'keytool-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));

const at = (name: string): string => join(directory, name);
const read = (name: string): Promise<Buffer> => readFile(at(name));

/** What makes a short run of Java shorter. */
const quick = ['-J-XX:TieredStopAtLevel=1'];

async function tool(t: Test, command: string, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, { cwd: directory });
  if (code !== 0) t.fail(`${command} ${args.join(' ')}`, { stdout, stderr });
}

const keytool = (t: Test, file: string, type: string, ...args: readonly string[]): Promise<void> =>
  tool(t, 'keytool', ...quick, ...args, '-keystore', file, '-storetype', type, '-storepass', 'storepass', '-noprompt');

/** A PKCS#12 with a key and its chain, for keytool to import. */
async function bundle(t: Test, identity: Identity): Promise<string> {
  const file = `${identity.name}.p12`;
  await writeFile(
    at(`${identity.name}.pem`),
    `${encryptKey(identity.key, 'pem')}${identity.cert}${middle.cert}${root.cert}`,
  );
  const args = ['-in', `${identity.name}.pem`, '-passin', 'pass:pem', '-out', file, '-passout', 'pass:bundle'];
  await tool(t, 'openssl', 'pkcs12', '-export', '-name', identity.name, ...args);
  return file;
}

/** Imports two keys, the second under a password of its own where `type` has that, and trusts the root. */
async function fill(t: Test, file: string, type: string): Promise<void> {
  for (const [identity, keyPassword] of [
    [first, 'storepass'],
    [second, type === 'PKCS12' ? 'storepass' : 'keypass'],
  ] as const) {
    const source = ['-srckeystore', await bundle(t, identity), '-srcstoretype', 'PKCS12', '-srcstorepass', 'bundle'];
    const target = ['-destkeystore', file, '-deststoretype', type, '-deststorepass', 'storepass'];
    const which = ['-srcalias', identity.name, '-destalias', `My-${identity.name}`, '-destkeypass', keyPassword];
    await tool(t, 'keytool', ...quick, '-importkeystore', ...source, ...target, ...which, '-noprompt');
  }
  await writeFile(at('root.pem'), root.cert);
  await keytool(t, file, type, '-importcert', '-alias', 'ca', '-file', 'root.pem');
}

for (const [type, mark, kind] of [
  ['JKS', 'B4', 'RSA'],
  ['JCEKS', 'B4', 'EC'],
  ['PKCS12', 'B3', 'Ed25519'],
] as const) {
  t.test(`${mark} a ${type} of keytool: two keys, a trusted certificate`, async (t) => {
    const file = `full.${type.toLowerCase()}`;
    await fill(t, file, type);
    if (type === 'JCEKS') {
      await keytool(
        t,
        file,
        type,
        '-genseckey',
        '-alias',
        'hidden',
        '-keyalg',
        'AES',
        '-keysize',
        '256',
        '-keypass',
        'keypass',
      );
    }
    const store = await read(file);
    const password = 'storepass';
    const keyPassword = type === 'PKCS12' ? undefined : 'keypass';

    const one = openKeyEntry(store, { password }, 'MY-FIRST');
    t.equal(one.alias, 'my-first');
    t.same(one.key.export({ type: 'pkcs8', format: 'pem' }), first.key);
    t.same(namesOf(one.certificates).slice(0, 1), ['first']);
    t.same(namesOf(one.certificates).toSorted(), ['Middle', 'Root', 'first']);

    const other = openKeyEntry(store, { password, keyPassword }, 'my-second');
    t.equal(other.key.asymmetricKeyType, 'rsa');
    t.equal(other.certificates[0]?.fingerprint256, second.fingerprint);
    if (type !== 'PKCS12')
      refuses(t, () => openKeyEntry(store, { password }, 'my-second'), 'key-password', /`keyPassword`/);

    t.same(namesOf(openTrustAnchors(store, password)), ['Root']);
    refuses(t, () => openKeyEntry(store, { password: 'wrong' }, 'my-first'), 'password', /wrong/);
    refuses(t, () => openTrustAnchors(store, 'wrong'), 'password', /wrong/);
    refuses(t, () => openKeyEntry(store, { password }), 'alias', /"my-(first|second)", "my-(first|second)"$/);
    if (type !== 'PKCS12') t.same(namesOf(openTrustAnchors(store, undefined)), ['Root'], 'without a password');
    else refuses(t, () => openTrustAnchors(store, undefined), 'password', /certificates are encrypted/);
  });

  t.test(`${mark} a ${type} of keytool that only trusts`, async (t) => {
    const file = `trust.${type.toLowerCase()}`;
    for (const [alias, authority] of Object.entries({ root, middle })) {
      await writeFile(at(`${alias}.pem`), authority.cert);
      await keytool(t, file, type, '-importcert', '-alias', alias, '-file', `${alias}.pem`);
    }
    t.same(namesOf(openTrustAnchors(await read(file), 'storepass')).toSorted(), ['Middle', 'Root']);
    const store = await read(file);
    refuses(t, () => openKeyEntry(store, { password: 'storepass' }), 'empty', /no private key/);
  });

  t.test(`${mark} a ${type} of keytool with a key made there, ${kind}`, async (t) => {
    const file = `made-${kind}.${type.toLowerCase()}`;
    await keytool(
      t,
      file,
      type,
      '-genkeypair',
      '-alias',
      'made',
      '-keyalg',
      kind,
      '-dname',
      'CN=made',
      '-keypass',
      'storepass',
    );
    const { alias, key, certificates } = openKeyEntry(await read(file), { password: 'storepass' });
    t.equal(alias, 'made');
    t.equal(key.asymmetricKeyType, kind.toLowerCase());
    t.ok(certificates[0]?.checkPrivateKey(key));
  });
}
