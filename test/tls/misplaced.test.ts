import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { KeystoreError } from '../../src/tls/keystore.ts';
import { type FileKey, misplaced, quoted, refusedStore } from '../../src/tls/misplaced.ts';
import { unreadable } from '../../src/tls/stores/fault.ts';
import { makeAuthority } from '../fixtures/pki.ts';

const ca = await makeAuthority({ name: 'CA' });
const crl = await ca.revoke([]);
const certificate = new X509Certificate(ca.cert).raw;
const jks = Buffer.from('feedfeed00000002', 'hex');
const jceks = Buffer.from('cececece', 'hex');
const pkcs12 = Buffer.from('3010020103300b06092a864886f70d010701', 'hex');
const labelled = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
const say = (content: string | Buffer, key: FileKey) => misplaced('F', Buffer.from(content as Buffer), key);

t.test('the command that makes what is wanted of it', async (t) => {
  t.equal(
    say(certificate, 'cert'),
    'F holds a certificate in DER, not in PEM; run: openssl x509 -inform der -in F -out F.pem',
  );
  t.match(say(certificate, 'ca'), /run: openssl x509 -inform der/);
  t.match(say(labelled('PKCS7'), 'cert'), /run: openssl pkcs7 -print_certs -in F -out F\.pem$/);
  t.match(say(labelled('OPENSSH PRIVATE KEY'), 'key'), /run: ssh-keygen -p -m PKCS8 -f F$/);
  t.match(
    say('PuTTY-User-Key-File-3', 'key'),
    /PuTTY's form; export it in PuTTYgen \(Conversions, Export OpenSSH key\)$/,
  );
});

t.test('the key that takes it', async (t) => {
  t.match(say(pkcs12, 'cert'), /is a PKCS#12 store; name it with `pfx`, instead of `cert` and `key`$/);
  t.match(say(pkcs12, 'key'), /`pfx`/);
  t.match(say(pkcs12, 'ca'), /`truststore: \{ file: …, password: … \}` instead of `ca`$/);
  for (const kind of [jks, jceks]) {
    t.match(say(kind, 'cert'), /Java key store \(JC?E?KS\); name it with `keystore: /);
    t.match(say(kind, 'ca'), /`truststore: /);
  }
  t.match(say(ca.cert, 'key'), /holds certificates; name it with `cert`/);
  t.match(say(ca.cert, 'pfx'), /name it with `cert`/);
  t.match(say(ca.cert, 'truststore'), /name it with `ca` instead of `truststore`$/);
  t.match(say(ca.key, 'cert'), /name it with `key`, and its certificate with `cert`$/);
  t.match(say(crl, 'ca'), /holds a revocation list; name it with `crl`$/);
  t.match(say(labelled('CERTIFICATE REQUEST'), 'cert'), /request, not the certificate; name what the authority issued/);
});

t.test('what is wanted, where there is nothing to be made of it', async (t) => {
  for (const [content, key] of [
    [pkcs12, 'crl'],
    [jks, 'crl'],
    [ca.cert, 'crl'],
    [ca.key, 'crl'],
    [ca.key, 'ca'],
    [ca.key, 'truststore'],
    ['', 'cert'],
    ['<html>', 'ca'],
    [labelled('PUBLIC KEY'), 'cert'],
    [certificate, 'key'],
  ] as const) {
    t.match(say(content, key), new RegExp(`; \`${key}\` takes .* in PEM|a PKCS#12, JKS or JCEKS store$`), key);
  }
});

t.test('a store that its reader refused', async (t) => {
  const refused = (
    ...[key, content, fault, password]: [
      Parameters<typeof refusedStore>[2],
      Buffer,
      'format' | 'password' | 'key-password',
      boolean,
    ]
  ) => refusedStore('F', content, key, new KeystoreError(fault, 'said'), password);
  t.equal(refused('pfx', Buffer.from(ca.cert), 'format', true), say(ca.cert, 'pfx'));
  t.equal(refused('pfx', Buffer.from('????'), 'format', true), 'F: said', 'its reader knows more kinds of stores');
  t.equal(
    refused('pfx', pkcs12, 'password', true),
    'F: said; try it: openssl pkcs12 -legacy -noout -in F',
    'a store whose password is wrong can be tried by hand',
  );
  t.equal(refused('truststore', jks, 'password', true), 'F: said; try it: keytool -list -keystore F');
  t.equal(
    refused('truststore', jceks, 'password', true),
    'F: said; try it: keytool -list -storetype JCEKS -keystore F',
  );
  t.equal(refused('pfx', Buffer.from('????'), 'password', true), 'F: said');
  t.equal(refused('pfx', pkcs12, 'password', false), 'F: said (`passphrase`)');
  t.equal(refused('keystore', pkcs12, 'password', false), 'F: said (`password`)');
  t.equal(refused('keystore', pkcs12, 'key-password', true), 'F: said');
  t.equal(refused('pfx', pkcs12, 'key-password', true), 'F: said; name it with `keystore` instead of `pfx`');
});

t.test('the commands of its reader name the store', async (t) => {
  const { message } = unreadable('RC4');
  const told = refusedStore('a b', pkcs12, 'pfx', new KeystoreError('algorithm', message), true);
  t.match(told, "keytool -importkeystore -srckeystore 'a b' -destkeystore NEW.p12");
  t.match(told, "openssl pkcs12 -legacy -in 'a b' -out OLD.pem && openssl pkcs12 -export -in OLD.pem -out NEW.p12");
});

t.test('names as a shell takes them', async (t) => {
  t.equal(quoted('/a/b-c_1.pem'), '/a/b-c_1.pem');
  t.equal(quoted('/a b'), "'/a b'");
  t.equal(quoted("it's"), "'it'\\''s'");
});
