import t from 'tap';
import { makePki } from '../../fixtures/pki.js';
import { probeRoute } from '../../fixtures/probing.js';
import { runCommand } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
const pki = await makePki();
const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
t.test('expired, and for another name: both, and the versions it speaks', async (t) => {
    const old = await pki.ca.issue({ name: 'old', names: ['elsewhere.test'], ips: [], ...past });
    const up = await startUpstream(t, { cert: old.chain, key: old.key, ca: pki.ca.cert });
    const { document, result, file } = await probeRoute(t, pki, up.url);
    t.equal(result.code, 1);
    t.equal(document.confirmed, false);
    t.match(document.certificates, [
        {
            subject: 'CN=old',
            names: 'DNS:elsewhere.test',
            notAfter: '2020-02-01T00:00:00.000Z',
            wrong: [/has expired/, /is for another name/],
            versions: ['TLSv1.3', 'TLSv1.2'],
        },
    ]);
    t.ok((document.certificates[0]?.daysLeft ?? 0) < -2000);
    t.match(document.versions, [{ result: 'unverified' }, { result: 'unverified', clientCertificate: 'demanded' }]);
    t.match(document.handshakes[0], { result: 'unverified', protocol: 'TLSv1.3', cipher: /^TLS_/, group: /X25519/ });
    t.match(document.pin, { versions: ['TLSv1.3', 'TLSv1.2'], remarks: [/once the server’s certificate verifies/] });
    const { stdout } = await runCommand(['probe', 'iot', '--config', file]);
    t.match(stdout, /^!! TLSv1\.2 .*\n {3}Speaks TLSv1\.2; certificate: its certificate has expired/m);
    t.match(stdout, /^ {3}Expired on 2020-02-01, \d+ days ago$/m);
    t.match(stdout, /^ {3}Wrong: its certificate is for another name/m);
});
t.test('for another name only', async (t) => {
    const other = await pki.ca.issue({ name: 'other', names: ['elsewhere.test'], ips: [] });
    const up = await startUpstream(t, { cert: other.chain, key: other.key, ca: pki.ca.cert });
    const { document } = await probeRoute(t, pki, up.url);
    t.match(document.handshakes[0], { result: 'unverified', code: 'ERR_TLS_CERT_ALTNAME_INVALID', protocol: 'TLSv1.3' });
    t.match(document.certificates, [{ wrong: [/is for another name/] }]);
    t.equal(document.certificates[0]?.wrong.length, 1);
    const named = await probeRoute(t, pki, up.url, { servername: 'elsewhere.test' });
    t.equal(named.result.code, 0);
    t.equal(named.document.servername, 'elsewhere.test');
});
t.test('not trusted', async (t) => {
    const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
    const { document, result } = await probeRoute(t, pki, up.url, { ca: 'other-ca.pem' });
    t.equal(result.code, 1);
    t.match(document.handshakes[0], { result: 'unverified', cause: 'server-certificate', protocol: 'TLSv1.3' });
    t.equal(document.certificates[0]?.wrong.length, 1);
});
t.test('another key than the pinned one, and another certificate at each version', async (t) => {
    const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
    const pins = [pki.other.server.spkiPin];
    const { document } = await probeRoute(t, pki, up.url, { pins });
    t.match(document.certificates, [{ wrong: [pki.server.spkiPin] }]);
    const pinned = await probeRoute(t, pki, up.url, { pins: [pki.server.spkiPin] });
    t.same(pinned.document.certificates[0]?.wrong, []);
});
//# sourceMappingURL=tells-what-is-wrong-with-the-server-certificate.test.js.map