import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { createSecureContext, rootCertificates } from 'node:tls';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import type { StoreSettings } from '../../src/config/config.ts';
import { type AnchorMeans, readAnchors } from '../../src/tls/anchors.ts';
import { CredentialProblems } from '../../src/tls/credential-problem.ts';
import { KeystoreError } from '../../src/tls/keystore.ts';
import { defaultAnchors } from '../../src/tls/trust.ts';
import { makeAuthority, selfSigned, writeFiles } from '../fixtures/pki.ts';

const root = await makeAuthority({ name: 'Root' });
const other = await makeAuthority({ name: 'Other' });
const middle = await makeAuthority({ name: 'Middle', parent: root });
const alone = await selfSigned({ name: 'alone' });

const directory = t.testdir({});
const file = (name: string): string => join(directory, name);
await writeFiles(directory, {
  'root.pem': root.cert,
  'both.pem': `${root.cert}# and\n${other.cert}`,
  'middle.pem': middle.cert,
  'alone.pem': alone.cert,
  'text.pem': 'hello',
  store: 'a store',
});

const usual: AnchorMeans = {
  system: () => [other.cert],
  openTrustAnchors: () => {
    throw new Error('not to be opened');
  },
};

function read(trust: { ca?: readonly string[]; truststore?: StoreSettings }, means: Partial<AnchorMeans> = {}) {
  const problems = new CredentialProblems();
  const anchors = readAnchors({ ...routeTo('https://h').tls, ...trust }, { ...usual, ...means }, problems);
  return {
    anchors,
    names: anchors.certificates().map(({ subject }) => subject),
    said: problems.all.map(
      ({ severity, key, within = '', message }) =>
        `${severity} ${key}${within === '' ? '' : `.${within}`}: ${message.replaceAll(`${directory}/`, '')}`,
    ),
  };
}

t.test('B7 files, in any number', async (t) => {
  t.match(read({ ca: [file('root.pem')] }), { names: ['CN=Root'], said: [] });
  const two = read({ ca: [file('both.pem'), file('root.pem')] });
  t.equal(two.anchors.pem.length, 2, 'each once');
  t.same(two.said, []);
});

t.test('B7 words, alone and beside files', async (t) => {
  t.equal(read({ ca: ['bundled'] }).anchors.pem.length, new Set(rootCertificates).size);
  t.match(read({ ca: ['system'] }), { names: ['CN=Other'], said: [] });
  t.same(read({ ca: ['system', file('root.pem')] }).names.sort(), ['CN=Other', 'CN=Root']);
  const all = read({ ca: ['default', file('root.pem')] });
  t.equal(all.anchors.pem.length, defaultAnchors(usual.system).length + 1);
  t.equal(all.anchors.certificates(), all.anchors.certificates(), 'read once');
});

t.test('what is damaged in the system’s store', async (t) => {
  const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  const { names, anchors } = read({ ca: ['system'] }, { system: () => [damaged, other.cert] });
  t.same(names, ['CN=Other']);
  t.equal(createSecureContext({ ca: [...anchors.pem] }) instanceof Object, true, 'OpenSSL does the same');
});

t.test('a machine without a system store', async (t) => {
  const system = () => {
    throw new Error('no store; name a file in `ca`');
  };
  t.same(read({ ca: [file('root.pem'), 'system'] }, { system }).said, ['error ca.1: no store; name a file in `ca`']);
});

t.test('files that are wrong', async (t) => {
  t.match(read({ ca: [file('root.pem'), file('text.pem'), file('none')] }).said, [
    /^error ca\.1: text\.pem holds nothing that is known here; `ca` takes certificates in PEM/,
    /^error ca\.2: none cannot be read \(ENOENT\)$/,
  ]);
});

t.test('B12 what verifies nothing is told', async (t) => {
  t.match(read({ ca: [file('middle.pem')] }).said, [
    /^warning ca\.0: middle\.pem: CN=Middle is no root, and its issuer CN=Root is not trusted here/,
  ]);
  t.same(read({ ca: [file('middle.pem'), file('root.pem')] }).said, []);
  t.same(read({ ca: [file('alone.pem')] }).said, [], 'a self-signed server stands for itself');
});

t.test('stores', async (t) => {
  const asked: unknown[] = [];
  const openTrustAnchors: AnchorMeans['openTrustAnchors'] = (store, password) => {
    asked.push([String(store), password]);
    return [new X509Certificate(root.cert)];
  };
  const truststore = { file: file('store'), password: 'p' };
  t.match(read({ truststore }, { openTrustAnchors }), { names: ['CN=Root'], said: [] });
  t.same(asked, [['a store', 'p']]);
  t.match(read({ truststore: { file: file('none') } }).said, [/^error truststore\.file: none cannot be read/]);
  t.throws(() => read({ truststore }), /not to be opened/, 'another error is a fault of ours');
  t.same(read({ truststore: {} }).said, ['error truststore.file:  cannot be read (ENOENT)']);
});

t.test('a store that is refused: the place of what has to change', async (t) => {
  const place = (fault: 'password' | 'format' | 'empty', password?: string) => {
    const openTrustAnchors = () => {
      throw new KeystoreError(fault, 'said');
    };
    const truststore = { file: file('store'), ...(password !== undefined && { password }) };
    return read({ truststore }, { openTrustAnchors }).said;
  };
  t.same(place('password', 'p'), ['error truststore.password: store: said']);
  t.same(place('password'), ['error truststore: store: said (`password`)']);
  t.same(place('format', 'p'), ['error truststore.file: store: said']);
  t.same(place('empty', 'p'), ['error truststore.file: store: said']);
});

t.test('an anchor that has expired is told, once a file', async (t) => {
  const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-02-03') };
  const old = await makeAuthority({ name: 'Old', ...past });
  const older = await makeAuthority({ name: 'Older', ...past });
  await writeFiles(directory, { 'old.pem': old.cert, 'all.pem': old.cert + root.cert + older.cert });
  const told = 'expired on 2021-02-03';
  t.match(read({ ca: [file('old.pem'), file('root.pem')] }).said, [
    new RegExp(`^warning ca\\.0: old\\.pem: CN=Old ${told}, so that it verifies nothing`),
  ]);
  t.match(read({ ca: [file('all.pem')] }).said, [new RegExp(`CN=Old ${told} \\(and 1 more\\)`)]);
});
