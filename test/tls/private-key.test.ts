import { createPrivateKey, type KeyObject } from 'node:crypto';
import t from 'tap';
import { CredentialProblems } from '../../src/tls/credential-problem.ts';
import { readPrivateKey } from '../../src/tls/private-key.ts';
import { encryptKey, makeAuthority, passphrase, selfSigned } from '../fixtures/pki.ts';

const ec = await makeAuthority({ name: 'EC' });
const rsa = await selfSigned({ name: 'rsa', key: 'rsa2048', usage: 'client' });

/** The key, or what is wrong. */
function read(content: string | Buffer, given?: string): { key: KeyObject | undefined; said: readonly string[] } {
  const problems = new CredentialProblems();
  const opened = readPrivateKey('F', Buffer.from(content as Buffer), given, problems);
  if (opened !== undefined && !createPrivateKey(opened.pem).equals(opened.key))
    throw new Error('its text is another key');
  return { key: opened?.key, said: problems.all.map(({ severity, key, message }) => `${severity} ${key}: ${message}`) };
}

t.test('in the clear', async (t) => {
  for (const { key } of [ec, rsa]) {
    const wanted = createPrivateKey(key);
    t.ok(read(key).key?.equals(wanted));
    t.same(read(key).said, []);
    const type = wanted.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1';
    const traditional = wanted.export({ format: 'pem', type: type as 'sec1' }) as string;
    t.ok(read(`${ec.cert}\r\n${traditional}`).key?.equals(wanted), 'behind something else');
    t.ok(read(Buffer.from(`\uFEFF${traditional}`, 'utf16le')).key?.equals(wanted), 'in UTF-16');
  }
});

t.test('a passphrase that is not needed is told', async (t) => {
  const { key, said } = read(ec.key, 'needless');
  t.ok(key);
  t.match(said, [/^warning passphrase: F is not encrypted; take the passphrase out/]);
});

t.test('B2 encrypted keys', async (t) => {
  for (const { key } of [ec, rsa]) {
    for (const kind of ['pkcs8-aes256', 'traditional-aes256', 'traditional-3des'] as const) {
      const sealed = encryptKey(key, passphrase, kind);
      // What OpenSSL reads alike (RFC 1421 section 4.6.1.1).
      const spaced = sealed.replace('Proc-Type: 4,ENCRYPTED', 'Proc-Type:4,\tENCRYPTED');
      for (const form of [sealed, sealed.replaceAll('\n', '\r\n'), spaced]) {
        t.ok(read(form, passphrase).key?.equals(createPrivateKey(key)), kind);
        t.same(read(form, passphrase).said, []);
        t.match(read(form).said, [/^error key: F is encrypted; add `passphrase: \{ env: NAME \}`/]);
        t.same(read(form, 'wrong'), {
          key: undefined,
          said: ['error passphrase: the passphrase does not open F; try it: openssl pkey -noout -in F'],
        });
      }
    }
  }
});

t.test('a wrong passphrase that gives a valid padding is still a wrong passphrase', async (t) => {
  const codes = new Set<string | undefined>();
  for (let n = 0; n < 600; n += 1) {
    const sealed = encryptKey(ec.key, passphrase);
    try {
      createPrivateKey({ key: sealed, passphrase: 'wrong' });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (codes.has(code)) continue;
      codes.add(code);
      t.match(read(sealed, 'wrong').said, [/^error passphrase: /], String(code));
    }
  }
});

t.test('an encryption that OpenSSL has given up', async (t) => {
  // EncryptedPrivateKeyInfo of RFC 5958 by pbeWithMD5AndDES-CBC (RFC 8018), around nothing.
  const old = `302f301b06092a864886f70d010503300e0408${'00'.repeat(8)}020208000410${'00'.repeat(16)}`;
  const pem = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${Buffer.from(old, 'hex').toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
  t.match(read(pem, passphrase).said, [
    /^error key: .*given up; run: openssl pkcs8 -topk8 -provider legacy -provider default -in F -out F\.new$/,
  ]);
});

t.test('what is no key', async (t) => {
  t.match(read(ec.cert).said, [/^error key: F holds certificates; name it with `cert`/]);
  t.match(read('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----').said, [/ssh-keygen/]);
  const damaged = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  t.match(read(damaged).said, [
    /^error key: F is no private key that OpenSSL can read \(ERR_[A-Z0-9_]+\); export it again$/,
  ]);
});
