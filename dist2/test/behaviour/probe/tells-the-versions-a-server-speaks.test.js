import t from 'tap';
import { postQuantumByDefault } from '../../../src/tls/offers.js';
import { startFront } from '../../fixtures/front.js';
import { makePki } from '../../fixtures/pki.js';
import { probeRoute, told } from '../../fixtures/probing.js';
import { runCommand } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };
const classical = 'X25519:P-256:X448:P-521:P-384';
/** As many as this runtime can tell apart. */
const sets = (result, alone = result) => postQuantumByDefault
    ? [`TLSv1.3 default: ${result}`, `TLSv1.3 classical: ${result}`, `TLSv1.3 post-quantum: ${alone}`]
    : [`TLSv1.3 default: ${result}`];
t.test('a modern server', async (t) => {
    const up = await startUpstream(t, { ...required, tls: { ALPNProtocols: ['http/1.1'] } });
    const { document, result, file } = await probeRoute(t, pki, up.url);
    t.equal(result.code, 0, result.stderr);
    t.same(told(document), [...sets('ok'), 'TLSv1.2 default: ok', 'TLSv1.1 default: alert', 'TLSv1 default: alert']);
    t.same(document.pin, { versions: ['TLSv1.3', 'TLSv1.2'], remarks: [] });
    t.match(document, { target: 'iot', upstream: `127.0.0.1:${up.port}`, servername: '127.0.0.1', confirmed: true });
    t.match(document.versions, [
        { version: 'TLSv1.3', result: 'confirmed', groups: 'default', resumption: 'resumed' },
        { version: 'TLSv1.2', result: 'confirmed', groups: 'default', resumption: 'resumed' },
        { version: 'TLSv1.1', result: 'failed', clientCertificate: 'unknown', resumption: 'unknown' },
        { version: 'TLSv1', result: 'failed', clientCertificate: 'unknown', resumption: 'unknown' },
    ]);
    t.match(document.handshakes[0], {
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        group: postQuantumByDefault ? 'X25519MLKEM768' : 'X25519',
        alpn: 'http/1.1',
        clientCertificate: true,
        serverCertificate: pki.server.fingerprint,
    });
    t.match(document.handshakes.find(({ version, resuming }) => version === 'TLSv1.2' && !resuming), {
        cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
        opensslCipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
        group: 'X25519',
    });
    t.match(document.certificates, [
        { subject: 'CN=localhost', issuer: 'CN=Test CA', daysLeft: 0, wrong: [], versions: ['TLSv1.3', 'TLSv1.2'] },
    ]);
    t.equal(up.requests.length, 0);
    const { stdout, code } = await runCommand(['probe', 'iot', '--config', file]);
    t.equal(code, 0);
    t.match(stdout, /^ok TLSv1\.3 {2}default +TLS_AES_256_GCM_SHA384 +X25519\S* +http\/1\.1 +yes +demanded$/m);
    t.match(stdout, /^ok TLSv1\.2 {2}default +ECDHE-ECDSA-AES128-GCM-SHA256 +X25519 +http\/1\.1 +yes +demanded$/m);
    t.match(stdout, /^ {3}TLSv1 .*\n {3}Does not speak TLSv1 \(alert protocol_version\)\.$/m);
    t.match(stdout, '\n   versions: [TLSv1.3, TLSv1.2]\n');
    t.notMatch(stdout, 'groups:');
    t.ok(stdout.split('\n').every((line) => line.length <= 100), 'no line is longer than 100 columns');
});
t.test('a front that resets every hello offering TLS 1.3', async (t) => {
    const up = await startUpstream(t, required);
    const front = await startFront(t, {
        to: up,
        decide: ({ versions }) => (versions.includes('TLSv1.3') ? 'reset' : 'pass'),
    });
    const { document, result } = await probeRoute(t, pki, front.url);
    t.equal(result.code, 0);
    t.same(told(document).slice(0, -2), [
        ...sets('reset').filter((each) => !each.includes('post-quantum')),
        'TLSv1.2 default: ok',
    ]);
    t.same(document.pin, { versions: ['TLSv1.2'], remarks: [] });
});
t.test('a front that resets long hellos', async (t) => {
    const up = await startUpstream(t, required);
    const front = await startFront(t, { to: up, decide: ({ length }) => (length > 1400 ? 'reset' : 'pass') });
    const { document, result } = await probeRoute(t, pki, front.url);
    t.equal(result.code, 0);
    t.same(document.pin.versions, ['TLSv1.3', 'TLSv1.2']);
    t.equal(document.pin.groups, postQuantumByDefault ? classical : undefined);
    const expected = ['TLSv1.3 default: reset', 'TLSv1.3 classical: ok', 'TLSv1.3 post-quantum: reset'];
    t.same(told(document).slice(0, -3), postQuantumByDefault ? expected : ['TLSv1.3 default: ok']);
});
t.test('a server of TLS 1.0 only', async (t) => {
    const up = await startUpstream(t, { ...required, versions: { min: 'TLSv1', max: 'TLSv1' } });
    const { document, result, file } = await probeRoute(t, pki, up.url);
    t.equal(result.code, 0);
    t.equal(told(document).at(-1), 'TLSv1 default: ok');
    t.equal(told(document).filter((each) => each.endsWith(': ok')).length, 1);
    t.match(document.pin, { versions: ['TLSv1'], remarks: [/broken \(RFC 8996\)/] });
    t.match(document.versions.at(-1), { version: 'TLSv1', clientCertificate: 'demanded', resumption: 'resumed' });
    const { stdout } = await runCommand(['probe', 'iot', '--config', file]);
    t.match(stdout, /versions: \[TLSv1\]\n\nThese versions are broken \(RFC 8996\)/);
});
t.test('groups of the route’s own', async (t) => {
    const up = await startUpstream(t, { ...required, tls: { ecdhCurve: 'P-521' }, versions: { min: 'TLSv1.3' } });
    const { document } = await probeRoute(t, pki, up.url, { groups: 'P-256' });
    t.equal(told(document)[0], 'TLSv1.3 configured: alert');
    t.match(document.handshakes[1], { groups: 'default', group: 'P-521', result: 'confirmed' });
    t.same(document.pin, { versions: ['TLSv1.3'], remarks: [] });
    const { cert, key } = await pki.ca.issue({ name: 'localhost', key: 'rsa2048' });
    const tls = { ecdhCurve: 'brainpoolP256r1' };
    const odd = await startUpstream(t, { cert, key, ciphers: 'ECDHE+AESGCM', versions: { max: 'TLSv1.2' }, tls });
    const { document: other } = await probeRoute(t, pki, odd.url, { groups: 'brainpoolP256r1' });
    t.match(other.pin, { versions: ['TLSv1.2'], groups: 'brainpoolP256r1' });
});
//# sourceMappingURL=tells-the-versions-a-server-speaks.test.js.map