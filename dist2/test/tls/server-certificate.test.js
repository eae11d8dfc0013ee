import { once } from 'node:events';
import { connect } from 'node:tls';
import t from 'tap';
import { daysLeft, describeCertificate } from '../../src/tls/server-certificate.js';
import { makeAuthority } from '../fixtures/pki.js';
import { startUpstream } from '../fixtures/upstreams.js';
const root = await makeAuthority({ name: 'Root' });
const middle = await makeAuthority({ name: 'Middle', parent: root });
const day = 24 * 60 * 60 * 1000;
/** As a client of the server sees it. */
async function shown(t, { chain, key }) {
    const up = await startUpstream(t, { cert: chain, key });
    const socket = connect({ port: up.port, host: '127.0.0.1', ca: root.cert, checkServerIdentity: () => undefined });
    t.teardown(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate(true);
}
t.test('names, dates and chain', async (t) => {
    const leaf = await middle.issue({ name: 'device', names: ['device.test'], ips: [] });
    const found = describeCertificate(await shown(t, leaf), []);
    t.match(found, {
        subject: 'CN=device',
        issuer: 'CN=Middle',
        names: 'DNS:device.test',
        daysLeft: 0,
        fingerprint: leaf.fingerprint,
        wrong: [],
        chain: [{ subject: 'CN=Middle', issuer: 'CN=Root' }, { subject: 'CN=Root' }],
    });
    t.equal(found.chain.length, 2);
    const bare = await middle.issue({ name: 'bare', cnOnly: true });
    t.equal(describeCertificate(await shown(t, bare), []).names, '');
    const nameless = await middle.issue({ name: '' });
    t.match(describeCertificate(await shown(t, nameless), []), { subject: '', issuer: 'CN=Middle', names: /^DNS:/ });
});
t.test('what is wrong, each thing once', async (t) => {
    const leaf = await shown(t, await middle.issue({ name: 'device' }));
    const late = describeCertificate(leaf, [], Date.now() + 3 * day);
    t.match(late, { daysLeft: -3, wrong: [/has expired/] });
    t.match(describeCertificate(leaf, [], Date.now() - day).wrong, [/not valid yet/]);
    const error = Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' });
    t.equal(describeCertificate(leaf, [error, error], Date.now() + 3 * day).wrong.length, 1);
    const unnamed = new Error('who knows');
    t.match(describeCertificate(leaf, [unnamed]).wrong, [/does not verify/]);
});
t.test('days are whole ones, rounded down', async (t) => {
    const now = Date.parse('2026-01-10T12:00:00Z');
    t.equal(daysLeft('Jan 11 12:00:00 2026 GMT', now), 1);
    t.equal(daysLeft('Jan 11 11:59:59 2026 GMT', now), 0);
    t.equal(daysLeft('Jan 10 11:59:59 2026 GMT', now), -1);
});
//# sourceMappingURL=server-certificate.test.js.map