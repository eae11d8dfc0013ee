import { createPublicKey, X509Certificate } from 'node:crypto';
import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute } from '../../fixtures/proxy.ts';

const pki = await makePki();
const files = {
  ...pkiFiles(pki),
  'client.der': new X509Certificate(pki.client.cert).raw,
  'public.pem': createPublicKey(pki.client.key).export({ type: 'spki', format: 'pem' }),
  'trust.jks': Buffer.from('feedfeed0000000200000000', 'hex'),
  'client.p12': Buffer.from('3010020103300b06092a864886f70d010701', 'hex'),
  'cut.pem': pki.ca.cert.slice(0, 300),
};
const upstream = 'https://127.0.0.1:1';

t.test('B5 a key of another certificate', async (t) => {
  const { code, found, stdout } = await check(t, oneRoute(upstream, { key: 'twin-client.key' }), files);
  t.equal(code, 2);
  t.equal(stdout, '');
  t.match(found, [
    {
      severity: 'error',
      at: 'twin-client.key',
      message: 'twin-client.key is not the key of any in client.crt (CN=client)',
    },
  ]);
});

t.test('B3 B4 what is put where PEM is expected is named, with the key or command that takes it', async (t) => {
  const tls = { cert: 'client.der', key: 'public.pem', ca: ['ca.pem', 'trust.jks', 'cut.pem'], crl: 'client.p12' };
  const { code, found, stderr } = await check(t, oneRoute(upstream, tls), files);
  t.equal(code, 2);
  t.match(found, [
    { at: 'trust.jks', message: /is a Java key store \(JKS\); name it with `truststore: \{ file: …/ },
    { at: 'cut.pem', message: /without its -----END …-----, so it is cut short/ },
    { at: 'client.der', message: /in DER, not in PEM; run: openssl x509 -inform der -in client\.der -out/ },
    { at: 'public.pem', message: /holds only a public key; `key` takes/ },
    { at: 'client.p12', message: /is a PKCS#12 store; `crl` takes/ },
  ]);
  t.notMatch(stderr, /ERR_OSSL|header too long|unsupported|asn1/i, 'no word of OpenSSL’s alone');
});

t.test('one source of the certificate, one of trust', async (t) => {
  const tls = { pfx: 'client.p12', truststore: { file: 'trust.jks' } };
  const { code, found } = await check(t, oneRoute(upstream, tls), files);
  t.equal(code, 2);
  t.match(found, [
    { at: 'client.p12', message: /^"cert" is on line \d+ already; a route has only one of/ },
    { at: 'file: trust.jks', message: /^"ca" is on line \d+ already; a route has only one of/ },
  ]);
});
