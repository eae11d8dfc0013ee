import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import t from 'tap';
import type { TlsSettings } from '../../src/config/config.ts';
import type { CredentialProblem } from '../../src/tls/credential-problem.ts';
import { type Credentials, loadCredentials } from '../../src/tls/credentials.ts';
import { type AttemptSettings, attempt } from '../../src/tls/handshake.ts';
import type { Offer } from '../../src/tls/offers.ts';
import { HelloTap } from '../../src/tls/sentinel.ts';
import { judge } from '../../src/tls/verdict.ts';
import { makeAuthority, makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const directory = await mkdtemp(join(tmpdir(), 'credentials-'));
t.teardown(() => rm(directory, { recursive: true }));
const file = (name: string): string => join(directory, name);
await writeFiles(directory, {
  ...pkiFiles(pki),
  'empty.pem': '',
  'key-only.pem': pki.client.key,
  'damaged.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'second-damaged.crt': `${pki.client.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  'damaged.key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  'text.key': 'no PEM here',
  'good.crl': await pki.ca.revoke([]),
  'damaged.crl': '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n',
});

/** Settings as the configuration makes them, with what a test changes. */
function settings(changed: Partial<TlsSettings> = {}): TlsSettings {
  return {
    versions: ['TLSv1.3', 'TLSv1.2'],
    offer: 'range',
    ca: [file('ca.pem')],
    cert: file('client.crt'),
    key: file('client.key'),
    verifyHostname: true,
    pins: [],
    downgrade: 'warn',
    crl: [],
    legacyServerConnect: false,
    remember: 3_600_000,
    resume: true,
    ...changed,
  };
}

function load(changed: Partial<TlsSettings> = {}): Credentials {
  const loaded = loadCredentials(settings(changed));
  if ('offers' in loaded) return loaded;
  throw new Error(loaded.map(({ key, message }) => `${key}: ${message}`).join('\n'));
}

function problems(changed: Partial<TlsSettings>): readonly CredentialProblem[] {
  const loaded = loadCredentials(settings(changed));
  return 'offers' in loaded ? [] : loaded;
}

/** What an attempt by one offer needs. */
function aim({ offers, contexts }: Credentials, index: number, port: number): AttemptSettings {
  const identity = { name: 'localhost', verifyHostname: true, pins: [] };
  const timeouts = { connect: 10_000, handshake: 10_000 };
  const offer = offers[index] as Offer;
  return { hostname: '127.0.0.1', port, offer, context: contexts[index] as SecureContext, identity, timeouts };
}

t.test('good ones: a context for each offer, and our certificate', async (t) => {
  const { offers, contexts, certificate } = load();
  t.equal(contexts.length, offers.length);
  t.equal(certificate?.fingerprint256, pki.client.fingerprint);
  t.equal(new Set(contexts).size, contexts.length, 'a context of its own each');
});

t.test('without a client certificate', async (t) => {
  const { cert: _cert, key: _key, ...anonymous } = settings();
  t.match(loadCredentials(anonymous), { certificate: undefined });
});

t.test('servers without RFC 5746', async (t) => {
  t.ok(load({ legacyServerConnect: true }).contexts.length);
});

t.test('roots of Node and of the system', async (t) => {
  for (const word of ['default', 'system', 'bundled'])
    t.ok(load({ ca: [word], versions: ['TLSv1.2'] }).contexts.length);
});

t.test('a machine without a system store', async (t) => {
  const none = () => {
    throw new Error('no store; name a file in `ca`');
  };
  const loaded = loadCredentials(settings({ ca: ['system'] }), { system: none });
  t.match(loaded, [{ key: 'ca', within: 0, severity: 'error', message: 'no store; name a file in `ca`' }]);
});

t.test('missing files, all at once', async (t) => {
  const gone = file('gone.pem');
  const fault = { severity: 'error', message: `${gone} cannot be read (ENOENT)` } as const;
  t.same(problems({ cert: gone, key: gone, ca: [file('ca.pem'), gone], crl: [gone] }), [
    { ...fault, key: 'ca', within: 1 },
    { ...fault, key: 'cert' },
    { ...fault, key: 'key' },
    { ...fault, key: 'crl', within: 0 },
  ]);
});

t.test('unreadable files', async (t) => {
  t.match(problems({ cert: directory, key: directory }), [
    { key: 'cert', message: /cannot be read \(EISDIR\)/ },
    { key: 'key', message: /cannot be read \(EISDIR\)/ },
  ]);
});

t.test('damaged files', async (t) => {
  t.match(problems({ ca: [file('damaged.crt')] }), [{ key: 'ca', message: /^certificate 1 in .* is damaged; / }]);
  t.match(problems({ cert: file('damaged.crt') }), [{ key: 'cert', message: /^certificate 1 in .* is damaged; / }]);
  t.match(problems({ cert: file('second-damaged.crt') }), [
    { key: 'cert', message: /^certificate 2 in .* is damaged; / },
  ]);
  t.match(problems({ key: file('damaged.key') }), [{ key: 'key', message: /is no private key that OpenSSL can read/ }]);
  t.match(problems({ crl: [file('damaged.crl')] }), [{ key: 'crl', message: /revocation list in .* is damaged/ }]);
});

t.test('a revocation list that only OpenSSL finds damaged', async (t) => {
  // SEQUENCE { SEQUENCE { algorithm, issuer, thisUpdate }, algorithm }, without a signature.
  const der = Buffer.from('3017301330003000170d3730303130313030303030305a3000', 'hex');
  const pem = `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
  await writeFiles(directory, { 'unsigned.crl': pem });
  t.match(problems({ crl: [file('unsigned.crl')] }).at(-1), {
    severity: 'error',
    key: 'crl',
    message: /list is damaged/,
  });
});

t.test('a revocation list', async (t) => {
  t.ok(load({ crl: [file('good.crl')] }).contexts.length);
});

t.test('keys too weak for OpenSSL’s default level', async (t) => {
  const authority = await makeAuthority({ name: 'Weak' });
  const { cert, key } = await authority.issue({ name: 'weak', key: 'rsa1024', usage: 'client' });
  await writeFiles(directory, { 'weak.crt': cert, 'weak.key': key });
  const own = { cert: file('weak.crt'), key: file('weak.key') };
  const strict = { ...own, ciphers: 'DEFAULT@SECLEVEL=2' };
  t.match(problems(strict).at(-1), {
    severity: 'error',
    key: 'cert',
    message: /too weak.*KEY_TOO_SMALL.*"DEFAULT@SECLEVEL=0"/,
  });
  t.ok(load({ ...own, ciphers: 'DEFAULT@SECLEVEL=0' }).contexts.length);
  const { cert: _cert, key: _key, ...bare } = settings({ ciphers: 'DEFAULT@SECLEVEL=2' });
  const entry = { alias: 'a', key: createPrivateKey(key), certificates: [new X509Certificate(cert)] };
  for (const stored of [{ pfx: file('weak.crt') }, { keystore: { file: file('weak.crt') } }]) {
    const loaded = loadCredentials({ ...bare, ...stored }, { openKeyEntry: () => entry });
    t.match('offers' in loaded ? {} : loaded.at(-1), {
      severity: 'error',
      key: Object.keys(stored)[0],
      message: /too weak/,
    });
  }
});

t.test('what OpenSSL does not know', async (t) => {
  t.match(problems({ ciphers: 'NO-SUCH-CIPHER' }), [{ key: 'ciphers', message: /knows no cipher of this list/ }]);
  t.match(problems({ ciphers: 'DEFAULT@SECLEVEL=9' }), [
    { key: 'ciphers', message: /does not know a word with @ of this list .*; @SECLEVEL= takes 0 to 5/ },
  ]);
  t.match(problems({ groups: 'X25519:no-such-group' }), [
    { key: 'groups', message: /does not know all of these groups/ },
  ]);
});

t.test('what it says of a version', async (t) => {
  const versions = ['TLSv9'] as unknown as TlsSettings['versions'];
  t.match(problems({ versions, offer: 'exact' }), [{ key: 'versions', message: /cannot be set up for TLSv9/ }]);
});

t.test('security level 0 is in the contexts of TLS 1.0 and 1.1 and in no other', async (t) => {
  const old = await makeAuthority({ name: 'Old', hash: 'SHA-1' });
  const server = await old.issue({ name: 'localhost', hash: 'SHA-1' });
  await writeFiles(directory, { 'old.pem': old.cert });
  const up = await startUpstream(t, {
    cert: server.cert,
    key: server.key,
    versions: { min: 'TLSv1', max: 'TLSv1.3' },
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const versions = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] as const;
  const outcomes = async (changed: Partial<TlsSettings> = {}) => {
    const credentials = load({ versions, offer: 'exact', groups: 'X25519:P-256', ca: [file('old.pem')], ...changed });
    const seen: string[] = [];
    for (const index of versions.keys()) {
      const result = await attempt(aim(credentials, index, up.port), new AbortController().signal);
      seen.push('connection' in result ? result.connection.negotiated.protocol : judge(result.failure).outcome);
      if ('connection' in result) result.connection.socket.destroy();
    }
    return seen;
  };
  t.same(await outcomes(), ['policy', 'policy', 'TLSv1.1', 'TLSv1'], 'a SHA-1 signature is too weak above level 0');
  t.same(await outcomes({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA' }), [
    'policy',
    'policy',
    'TLSv1.1',
    'TLSv1',
  ]);
  t.same(await outcomes({ ciphers: 'DEFAULT@SECLEVEL=0' }), versions, 'a level that is written holds for all');
});

t.test('a context offers its versions and no other', async (t) => {
  const { server, ca } = pki;
  const up = await startUpstream(t, {
    cert: server.chain,
    key: server.key,
    ca: ca.cert,
    versions: { min: 'TLSv1', max: 'TLSv1.3' },
  });
  const credentials = load({
    versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'],
    offer: 'exact',
    groups: 'X25519:P-256',
  });
  for (const [index, offer] of credentials.offers.entries()) {
    const result = await attempt(aim(credentials, index, up.port), new AbortController().signal);
    if (!('connection' in result)) throw result.failure.error;
    t.equal(result.connection.negotiated.protocol, offer.max);
    result.connection.socket.destroy();
  }
  t.same(new Set(up.connections.all().map(({ client }) => client)), new Set(['client']));
});

/** Keeps what we send. */
class Kept extends HelloTap {
  readonly pieces: Buffer[] = [];

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.pieces.push(chunk);
    super._write(chunk, encoding, done);
  }
}

/** The certificates that a client sends in a handshake of TLS 1.2, where they can be read: RFC 5246 section 7.4.2. */
async function sent(credentials: Credentials, port: number): Promise<readonly X509Certificate[]> {
  let kept: Kept | undefined;
  const witness = { alpn: [], tap: (raw: Socket) => (kept = new Kept(raw)), watch: () => undefined };
  const result = await attempt({ ...aim(credentials, 0, port), witness }, new AbortController().signal);
  if (!('connection' in result)) throw result.failure.error;
  result.connection.socket.destroy();
  const bytes = Buffer.concat((kept as unknown as Kept).pieces);
  const handshake: Buffer[] = [];
  for (let at = 0; bytes[at] === 22; at += 5 + bytes.readUInt16BE(at + 3)) {
    handshake.push(bytes.subarray(at + 5, at + 5 + bytes.readUInt16BE(at + 3)));
  }
  const messages = Buffer.concat(handshake);
  let message = messages;
  while (message[0] !== 11) message = message.subarray(4 + message.readUIntBE(1, 3));
  const list = message.subarray(7, 4 + message.readUIntBE(1, 3));
  const found: X509Certificate[] = [];
  for (let at = 0; at < list.length; at += 3 + list.readUIntBE(at, 3)) {
    found.push(new X509Certificate(list.subarray(at + 3, at + 3 + list.readUIntBE(at, 3))));
  }
  return found;
}

t.test('the root above a certificate goes with it if it is trusted here, as OpenSSL has it', async (t) => {
  const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
  const root = await makeAuthority({ name: 'Renewed' });
  const before = await makeAuthority({ name: 'Renewed', sameKeyAs: root, ...past });
  const weak = await makeAuthority({ name: 'Weak', key: 'rsa1024' });
  const [mine, below] = await Promise.all([root, weak].map((each) => each.issue({ name: 'mine', usage: 'client' })));
  await writeFiles(directory, {
    'mine.crt': mine?.cert as string,
    'mine.key': mine?.key as string,
    'below-weak.crt': below?.cert as string,
    'below-weak.key': below?.key as string,
    'old-and-new.pem': `${before.cert}${root.cert}`,
    'old.pem': before.cert,
    'weak.pem': weak.cert,
  });
  const up = await startUpstream(t, {
    cert: pki.server.chain,
    key: pki.server.key,
    ca: [pki.ca.cert, root.cert, weak.cert].join(''),
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const names = async (changed: Partial<TlsSettings>) => {
    const all = await sent(load({ versions: ['TLSv1.2'], ...changed }), up.port);
    return all.map(({ subject, validTo }) => `${subject}${Date.parse(validTo) < Date.now() ? ', old' : ''}`);
  };
  const own = { cert: file('mine.crt'), key: file('mine.key') };
  t.same(await names({}), ['CN=client', 'CN=Test CA']);
  t.same(await names(own), ['CN=mine'], 'who is not trusted here is not known');
  t.same(await names({ ...own, ca: [file('ca.pem'), file('old-and-new.pem')] }), ['CN=mine', 'CN=Renewed']);
  t.same(await names({ ...own, ca: [file('ca.pem'), file('old.pem')] }), ['CN=mine', 'CN=Renewed, old']);
  const belowWeak = {
    cert: file('below-weak.crt'),
    key: file('below-weak.key'),
    ca: [file('ca.pem'), file('weak.pem')],
  };
  t.same(await names({ ...belowWeak, ciphers: 'DEFAULT@SECLEVEL=0' }), ['CN=mine', 'CN=Weak']);
  const strict = load({
    ...belowWeak,
    ciphers: 'DEFAULT@SECLEVEL=2',
    versions: ['TLSv1.2', 'TLSv1.3'],
    offer: 'exact',
  });
  t.match(strict.warnings, [{ key: 'ca', message: /CN=Weak.*CA_KEY_TOO_SMALL.*take that root out/ }]);
  t.equal(strict.warnings.length, 1, 'and not one for each offer');
  await t.rejects(sent(strict, up.port), 'as it says');
});
