import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadCredentials } from '../../src/tls/credentials.js';
import { attempt } from '../../src/tls/handshake.js';
import { judge } from '../../src/tls/verdict.js';
import { encryptKey, makeAuthority, makePki, passphrase, pkiFiles, selfSigned, writeFiles } from '../fixtures/pki.js';
import { startUpstream } from '../fixtures/upstreams.js';
const pki = await makePki();
const directory = await mkdtemp(join(tmpdir(), 'credentials-'));
t.teardown(() => rm(directory, { recursive: true }));
const file = (name) => join(directory, name);
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
function settings(changed = {}) {
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
function load(changed = {}) {
    const loaded = loadCredentials(settings(changed));
    if ('offers' in loaded)
        return loaded;
    throw new Error(loaded.map(({ key, message }) => `${key}: ${message}`).join('\n'));
}
function problems(changed) {
    const loaded = loadCredentials(settings(changed));
    return 'offers' in loaded ? [] : loaded;
}
/** What an attempt by one offer needs. */
function aim({ offers, contexts }, index, port) {
    const identity = { name: 'localhost', verifyHostname: true, pins: [] };
    const timeouts = { connect: 10_000, handshake: 10_000 };
    const offer = offers[index];
    return { hostname: '127.0.0.1', port, offer, context: contexts[index], identity, timeouts };
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
    for (const ca of ['default', 'system'])
        t.ok(load({ ca, versions: ['TLSv1.2'] }).contexts.length);
});
t.test('a machine without a system store', async (t) => {
    const none = () => {
        throw new Error('no store; name a file in `ca`');
    };
    const loaded = loadCredentials(settings({ ca: 'system' }), none);
    t.same(loaded, [{ key: 'ca', message: 'no store; name a file in `ca`' }]);
});
t.test('missing files, all at once', async (t) => {
    const gone = file('gone.pem');
    t.same(problems({ cert: gone, key: gone, ca: [file('ca.pem'), gone], crl: [gone] }), [
        { key: 'cert', message: `${gone} cannot be read (ENOENT)` },
        { key: 'key', message: `${gone} cannot be read (ENOENT)` },
        { key: 'ca', index: 1, message: `${gone} cannot be read (ENOENT)` },
        { key: 'crl', index: 0, message: `${gone} cannot be read (ENOENT)` },
    ]);
});
t.test('unreadable files', async (t) => {
    t.match(problems({ cert: directory, key: directory }), [
        { key: 'cert', message: /cannot be read \(EISDIR\)/ },
        { key: 'key', message: /cannot be read \(EISDIR\)/ },
    ]);
});
t.test('files of another kind', async (t) => {
    t.match(problems({ cert: file('key-only.pem') }), [{ key: 'cert', message: /holds no -----BEGIN CERTIFICATE-----/ }]);
    t.match(problems({ ca: [file('empty.pem')] }), [{ key: 'ca', index: 0, message: /holds no -----BEGIN CERTIFICATE/ }]);
    t.match(problems({ crl: [file('ca.pem')] }), [
        { key: 'crl', index: 0, message: /holds no -----BEGIN X509 CRL-----/ },
    ]);
    t.match(problems({ key: file('text.key') }), [{ key: 'key', message: /holds no PEM private key/ }]);
    t.match(problems({ key: file('client.crt') }), [{ key: 'key', message: /holds no PEM private key/ }]);
});
t.test('damaged files', async (t) => {
    t.match(problems({ ca: [file('damaged.crt')] }), [{ key: 'ca', message: /^certificate 1 in .* is damaged$/ }]);
    t.match(problems({ cert: file('damaged.crt') }), [{ key: 'cert', message: /^certificate 1 in .* is damaged$/ }]);
    t.match(problems({ cert: file('second-damaged.crt') }), [
        { key: 'cert', message: /^certificate 2 in .* is damaged$/ },
    ]);
    t.match(problems({ key: file('damaged.key') }), [{ key: 'key', message: /is no private key that OpenSSL can read/ }]);
    t.match(problems({ crl: [file('damaged.crl')] }), [{ key: 'crl', message: /revocation list is damaged/ }]);
});
t.test('a revocation list', async (t) => {
    t.ok(load({ crl: [file('good.crl')] }).contexts.length);
});
t.test('a key that is not the certificate’s', async (t) => {
    const message = `${file('twin-client.key')} is not the key of the first certificate in ${file('client.crt')} (CN=client)`;
    t.same(problems({ key: file('twin-client.key') }), [{ key: 'key', message }]);
});
t.test('encrypted keys', async (t) => {
    const rsa = await selfSigned({ name: 'rsa', key: 'rsa2048', usage: 'client' });
    for (const [name, { cert, key }] of Object.entries({ ec: pki.client, rsa })) {
        for (const kind of ['pkcs8-aes256', 'traditional-aes256', 'traditional-3des']) {
            const sealed = `${name}-${kind}.key`;
            await writeFiles(directory, { [sealed]: encryptKey(key, passphrase, kind), [`${name}.crt`]: cert });
            const own = { cert: file(`${name}.crt`), key: file(sealed) };
            t.match(problems(own), [{ key: 'key', message: /is encrypted; add `passphrase: \{ env: NAME \}`/ }], sealed);
            t.same(problems({ ...own, passphrase: 'wrong' }), [
                { key: 'passphrase', message: `the passphrase does not open ${file(sealed)}` },
            ]);
            t.ok(load({ ...own, passphrase }).certificate);
        }
    }
    t.ok(load({ passphrase: 'not needed' }).certificate, 'a passphrase beside a key in the clear does no harm');
});
t.test('a wrong passphrase that gives a valid padding is still a wrong passphrase', async (t) => {
    const sealed = new Map(Array.from({ length: 600 }, (_, n) => [`lucky-${n}.key`, encryptKey(pki.client.key, passphrase)]));
    const codes = new Set();
    for (const [name, pem] of sealed) {
        try {
            createPrivateKey({ key: pem, passphrase: 'wrong' });
        }
        catch (error) {
            const { code } = error;
            if (codes.has(code))
                continue;
            codes.add(code);
            await writeFiles(directory, { [name]: pem });
            t.match(problems({ key: file(name), passphrase: 'wrong' }), [{ key: 'passphrase' }], String(code));
        }
    }
});
t.test('an encryption that OpenSSL has given up', async (t) => {
    // EncryptedPrivateKeyInfo of RFC 5958 by pbeWithMD5AndDES-CBC (RFC 8018), around nothing.
    const old = `302f301b06092a864886f70d010503300e0408${'00'.repeat(8)}020208000410${'00'.repeat(16)}`;
    const pem = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${Buffer.from(old, 'hex').toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
    await writeFiles(directory, { 'old.key': pem });
    t.match(problems({ key: file('old.key'), passphrase }), [
        { key: 'key', message: /old algorithm.*openssl pkcs8 -topk8/ },
    ]);
});
t.test('keys too weak for OpenSSL’s default level', async (t) => {
    const authority = await makeAuthority({ name: 'Weak' });
    const { cert, key } = await authority.issue({ name: 'weak', key: 'rsa1024', usage: 'client' });
    await writeFiles(directory, { 'weak.crt': cert, 'weak.key': key });
    const own = { cert: file('weak.crt'), key: file('weak.key') };
    const strict = { ...own, ciphers: 'DEFAULT@SECLEVEL=2' };
    t.match(problems(strict), [{ key: 'cert', message: /too weak.*KEY_TOO_SMALL.*"DEFAULT@SECLEVEL=0"/ }]);
    t.ok(load({ ...own, ciphers: 'DEFAULT@SECLEVEL=0' }).contexts.length);
});
t.test('what OpenSSL does not know', async (t) => {
    t.match(problems({ ciphers: 'NO-SUCH-CIPHER' }), [{ key: 'ciphers', message: /knows no cipher of this list/ }]);
    t.match(problems({ groups: 'X25519:no-such-group' }), [
        { key: 'groups', message: /does not know all of these groups/ },
    ]);
});
t.test('what it says of a version', async (t) => {
    const versions = ['TLSv9'];
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
    const versions = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'];
    const outcomes = async (changed = {}) => {
        const credentials = load({ versions, offer: 'exact', groups: 'X25519:P-256', ca: [file('old.pem')], ...changed });
        const seen = [];
        for (const index of versions.keys()) {
            const result = await attempt(aim(credentials, index, up.port), new AbortController().signal);
            seen.push('connection' in result ? result.connection.negotiated.protocol : judge(result.failure).outcome);
            if ('connection' in result)
                result.connection.socket.destroy();
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
        if (!('connection' in result))
            throw result.failure.error;
        t.equal(result.connection.negotiated.protocol, offer.max);
        result.connection.socket.destroy();
    }
    t.same(new Set(up.connections.all().map(({ client }) => client)), new Set(['client']));
});
//# sourceMappingURL=credentials.test.js.map