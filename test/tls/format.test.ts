import '../fixtures/reflect.ts';

import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import t from 'tap';
import { type Format, recognise } from '../../src/tls/format.ts';
import { pemBlocks } from '../../src/tls/pem.ts';
import { encryptKey, makeAuthority } from '../fixtures/pki.ts';

const ca = await makeAuthority({ name: 'CA' });
const key = createPrivateKey(ca.key);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const request = await Pkcs10CertificateRequestGenerator.create({
  name: 'CN=x',
  keys: pair,
  signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
});
const crl = await ca.revoke([]);
const der = (pem: string): Buffer => pemBlocks(pem)[0]?.der as Buffer;
const labelled = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const rows: readonly (readonly [Format, string | Buffer, string?])[] = [
  ['empty', ''],
  ['empty', ' \r\n\t'],
  ['cut', ca.cert.slice(0, 200)],
  ['certificate', ca.cert],
  ['certificate', `comment\n${ca.cert}${ca.key}`, 'the first block counts'],
  ['certificate', labelled('TRUSTED CERTIFICATE')],
  ['key', ca.key],
  ['key', encryptKey(ca.key, 'x')],
  ['key', `${labelled('EC PARAMETERS')}${labelled('EC PRIVATE KEY')}`, 'parameters before a key'],
  ['openssh-key', labelled('OPENSSH PRIVATE KEY')],
  ['public-key', labelled('PUBLIC KEY')],
  ['public-key', labelled('RSA PUBLIC KEY')],
  ['request', request.toString('pem')],
  ['request', labelled('NEW CERTIFICATE REQUEST')],
  ['crl', crl],
  ['pkcs7', labelled('PKCS7')],
  ['pkcs7', labelled('CMS')],
  ['unknown', labelled('DH PARAMETERS')],
  ['certificate-der', new X509Certificate(ca.cert).raw],
  ['key-der', key.export({ format: 'der', type: 'pkcs8' }), 'PKCS#8'],
  ['key-der', key.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }), 'encrypted'],
  ['key-der', key.export({ format: 'der', type: 'sec1' }), 'EC, traditional'],
  ['key-der', rsa.privateKey.export({ format: 'der', type: 'pkcs1' }), 'RSA, traditional'],
  ['public-key-der', createPublicKey(key).export({ format: 'der', type: 'spki' })],
  ['request-der', Buffer.from(request.rawData)],
  ['crl-der', der(crl)],
  // The beginnings alone: SEQUENCE { OID signedData }, and SEQUENCE { 3, SEQUENCE { OID data } }.
  ['pkcs7-der', hex('300b06092a864886f70d010702')],
  ['pkcs12', hex('3010020103300b06092a864886f70d010701')],
  ['jks', hex('feedfeed00000002')],
  ['jceks', hex('cececece00000002')],
  ['putty-key', 'PuTTY-User-Key-File-3: ssh-rsa\n'],
  ['html', '\n<!DOCTYPE html>'],
  ['html', '<?xml version="1.0"?>'],
  ['base64', der(ca.cert).toString('base64')],
  ['unknown', 'MIddle of a sentence'],
  ['unknown', 'MII='],
  ['unknown', hex('3080')],
  ['unknown', hex('3000')],
  ['unknown', hex('30030201ff')],
  ['unknown', hex('3005300302010a'), 'a sequence of a number'],
  ['unknown', 'hello'],
];

t.test('what each file is', async (t) => {
  for (const [format, content, why] of rows) {
    t.equal(recognise(Buffer.from(content as Buffer)), format, why ?? format);
  }
});

t.test('an encoding hides nothing', async (t) => {
  t.equal(recognise(Buffer.from(`\uFEFF${ca.cert}`, 'utf16le')), 'certificate');
  t.equal(recognise(Buffer.from(`\uFEFF${ca.cert}`)), 'certificate');
});
