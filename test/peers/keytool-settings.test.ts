import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openKeyEntry, openTrustAnchors } from '../../src/tls/keystore.ts';
import { refuses } from '../fixtures/stores.ts';
import { run } from './local.ts';

const directory = await mkdtemp(join(tmpdir(), 'keytool-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));

const read = (name: string): Promise<Buffer> => readFile(join(directory, name));

async function keytool(t: Test, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run('keytool', args, { cwd: directory });
  if (code !== 0) t.fail(`keytool ${args.join(' ')}`, { stdout, stderr });
}

/** Makes a PKCS#12 with a key. */
function make(t: Test, file: string, settings: readonly string[]): Promise<void> {
  const key = ['-genkeypair', '-alias', 'made', '-keyalg', 'EC', '-dname', 'CN=made'];
  return keytool(t, ...settings, ...key, '-keystore', file, '-storetype', 'PKCS12', '-storepass', 'storepass');
}

t.test('B3 a PKCS#12 of keytool with the algorithms of older and of other settings', async (t) => {
  const settings: Record<string, readonly string[]> = {
    'as Java 8 made it': ['-J-Dkeystore.pkcs12.legacy'],
    'no MAC': ['-J-Dkeystore.pkcs12.macAlgorithm=NONE'],
    'certificates in the clear, no MAC': [
      '-J-Dkeystore.pkcs12.macAlgorithm=NONE',
      '-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE',
    ],
    'AES-128 and SHA-512': [
      '-J-Dkeystore.pkcs12.keyProtectionAlgorithm=PBEWithHmacSHA512AndAES_128',
      '-J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA512',
    ],
    '600,000 iterations': ['-J-Dkeystore.pkcs12.keyPbeIterationCount=600000'],
  };
  for (const [name, args] of Object.entries(settings)) {
    const file = `${Object.keys(settings).indexOf(name)}.p12`;
    await make(t, file, args);
    const store = await read(file);
    const { key, certificates } = openKeyEntry(store, { password: 'storepass' });
    t.ok(certificates[0]?.checkPrivateKey(key), name);
    refuses(t, () => openKeyEntry(store, { password: 'wrong' }), 'password', /password/, name);
  }
});

t.test('B3 B4 what keytool is told to do about an algorithm that is not read', async (t) => {
  const rc4 = ['-J-Dkeystore.pkcs12.keyProtectionAlgorithm=PBEWithSHA1AndRC4_128'];
  await make(t, 'OLD', rc4);
  const old = await read('OLD');
  const { message } = refuses(t, () => openKeyEntry(old, { password: 'storepass' }), 'algorithm', /RC4/);
  const [, command = ''] = /(keytool -importkeystore .*?), or/.exec(message) ?? [];
  await keytool(t, ...command.split(' ').slice(1), '-srcstorepass', 'storepass', '-deststorepass', 'storepass');
  const { key, certificates } = openKeyEntry(await read('NEW.p12'), { password: 'storepass' });
  t.ok(certificates[0]?.checkPrivateKey(key));
});

t.test('B4 the trust anchors of the JDK itself', async (t) => {
  const { stdout } = await run('java', ['-XshowSettings:properties', '-version']).then(({ stderr }) => ({
    stdout: stderr,
  }));
  const home = /java\.home = (.*)/.exec(stdout)?.[1] ?? '';
  const store = await readFile(join(home, 'lib/security/cacerts'));
  const anchors = openTrustAnchors(store, 'changeit');
  t.ok(anchors.length > 50);
  t.ok(anchors.every((anchor) => anchor instanceof X509Certificate && anchor.ca));
});
