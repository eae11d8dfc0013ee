import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import t from 'tap';
import { defaultAnchors, pemBlocks, systemAnchors } from '../../src/tls/trust.js';
import { makeAuthority } from '../fixtures/pki.js';
const byNode = 'getCACertificates' in tls;
const first = await makeAuthority({ name: 'First' });
const second = await makeAuthority({ name: 'Second' });
const directory = await mkdtemp(join(tmpdir(), 'trust-'));
t.teardown(() => rm(directory, { recursive: true }));
const store = join(directory, 'store.pem');
await writeFile(store, `# First\n${first.cert}text between\n${second.cert}`);
const missing = join(directory, 'missing.pem');
/** What a Node without `tls.getCACertificates` sees. */
const nodeCannotTell = false;
t.test('the system store is found by file where Node cannot tell', async (t) => {
    t.same(systemAnchors([missing, store], nodeCannotTell), [first.cert.trim(), second.cert.trim()]);
    t.throws(() => systemAnchors([missing], nodeCannotTell), /no system trust store.*name a file in `ca`/);
    t.same(systemAnchors([missing], (kind) => [kind]), ['system'], 'Node is asked first');
});
t.test('this Node is asked if it can tell', async (t) => {
    const asked = () => systemAnchors([missing]);
    if (byNode)
        t.ok(asked().every((pem) => pem.startsWith('-----BEGIN')));
    else
        t.throws(asked, /no system trust store/);
});
t.test('the default is the bundled roots and the system, without doubles', async (t) => {
    const bundled = tls.rootCertificates.map((pem) => pem.trim());
    const anchors = defaultAnchors();
    t.equal(new Set(anchors).size, anchors.length);
    t.ok(bundled.every((pem) => anchors.includes(pem)));
    t.same(new Set(defaultAnchors(() => [`${bundled[0]}\n`, first.cert])), new Set([...bundled, first.cert.trim()]));
    const none = () => {
        throw new Error('no store');
    };
    t.same(new Set(defaultAnchors(none)), new Set(bundled), 'a machine without a system store has the bundled ones');
});
t.test('PEM blocks among anything', async (t) => {
    t.same(pemBlocks('nothing', 'CERTIFICATE'), []);
    const crl = await first.revoke([]);
    t.equal(pemBlocks(`${first.cert}${crl}${second.cert}`, 'CERTIFICATE').length, 2);
    t.same(pemBlocks(`${first.cert}${crl}`, 'X509 CRL'), [crl.trim()]);
});
//# sourceMappingURL=trust.test.js.map