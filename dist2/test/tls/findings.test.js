import t from 'tap';
import { findingsOf, pinOf } from '../../src/tls/findings.js';
const trial = { groups: 'default', clientCertificate: false, resuming: false };
const ok = { ...trial, result: 'confirmed', outcome: 'ok', ms: 1 };
const failed = { ...trial, result: 'failed', outcome: 'reset', cause: 'tls-version', ms: 1 };
const tls = { versions: ['TLSv1.2'], offer: 'range' };
const withIdentity = { ...tls, cert: 'c', key: 'k' };
t.test('findings', async (t) => {
    const spoken = { version: 'TLSv1.2', protocol: 'TLSv1.2' };
    const find = (...handshakes) => findingsOf(handshakes, false)[0];
    t.match(find({ ...ok, ...spoken }), { result: 'confirmed', clientCertificate: 'unknown', resumption: 'no-session' });
    const resuming = { ...ok, ...spoken, resuming: true };
    t.match(find({ ...ok, ...spoken }, { ...resuming, resumed: true }), { resumption: 'resumed' });
    t.match(find({ ...ok, ...spoken }, { ...resuming, resumed: false }), { resumption: 'full' });
    t.match(find({ ...ok, ...spoken }, { ...failed, ...spoken, resuming: true }), { resumption: 'failed' });
    const refused = { ...failed, ...spoken, cause: 'client-certificate' };
    t.match(find(refused), { result: 'refused', clientCertificate: 'demanded' });
    t.match(find({ ...refused, certificateRequested: false }), { clientCertificate: 'not-asked' });
    t.match(find({ ...ok, ...spoken, certificateRequested: true }), { clientCertificate: 'asked' });
    t.same(find({ ...failed, version: 'TLSv1.1' }), {
        version: 'TLSv1.1',
        result: 'failed',
        clientCertificate: 'unknown',
        resumption: 'unknown',
    });
    t.match(find({ ...ok, ...spoken, clientCertificate: true }), { result: 'failed' }, 'the route has no certificate');
});
t.test('what to pin', async (t) => {
    const at = (version, handshake, more = {}) => ({ ...handshake, version, ...(handshake === ok && { protocol: version }), ...more });
    t.same(pinOf([at('TLSv1.3', failed), at('TLSv1.2', failed)], tls), { versions: [], remarks: [] });
    t.same(pinOf([at('TLSv1.3', failed), at('TLSv1.2', ok), at('TLSv1.1', ok), at('TLSv1', ok)], tls), {
        versions: ['TLSv1.2'],
        remarks: [],
    });
    t.match(pinOf([at('TLSv1.2', failed), at('TLSv1.1', ok), at('TLSv1', ok)], tls), {
        versions: ['TLSv1.1', 'TLSv1'],
        remarks: [/RFC 8996/],
    });
    // A version that the server speaks and refuses is no version to pin while another works.
    t.same(pinOf([at('TLSv1.3', failed, { protocol: 'TLSv1.3' }), at('TLSv1.2', ok)], tls).versions, ['TLSv1.2']);
    t.same(pinOf([at('TLSv1.3', failed), at('TLSv1.3', ok, { groups: 'configured' })], { ...tls, groups: 'P-521' }), {
        versions: ['TLSv1.3'],
        groups: 'P-521',
        remarks: [],
    });
    t.equal(pinOf([at('TLSv1.3', ok, { groups: 'post-quantum' })], tls).groups, undefined);
    t.equal(pinOf([at('TLSv1.3', ok, { groups: 'classical' })], tls).groups, 'X25519:P-256:X448:P-521:P-384');
    t.same(pinOf([], tls), { versions: [], remarks: [] });
    t.match(pinOf([at('TLSv1.3', ok), at('TLSv1.3', failed, { clientCertificate: true })], withIdentity), {
        versions: [],
        remarks: [],
    });
});
//# sourceMappingURL=findings.test.js.map