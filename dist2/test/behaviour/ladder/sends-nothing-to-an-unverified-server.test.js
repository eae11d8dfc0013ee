import t from 'tap';
import { startFront } from '../../fixtures/front.js';
import { ask, isProblem, offers, seen } from '../../fixtures/ladder.js';
import { makePki, pkiFiles, selfSigned } from '../../fixtures/pki.js';
import { runProxy } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
const pki = await makePki();
const { ca } = pki;
const revoked = await ca.issue({ name: 'localhost' });
const rows = [
    {
        name: 'expired',
        what: 'an expired certificate',
        certificate: await ca.issue({
            name: 'localhost',
            notBefore: new Date('2020-01-01'),
            notAfter: new Date('2020-02-01'),
        }),
        detail: /has expired/,
    },
    {
        name: 'name',
        what: 'a certificate for another name',
        certificate: await ca.issue({ name: 'other', names: ['other.test'], ips: [] }),
        detail: /another name .*other\.test.*`servername`/,
    },
    {
        name: 'untrusted',
        what: 'a certificate of an authority that is not trusted',
        certificate: pki.other.server,
        detail: /issuer of its certificate is not known.*`ca`/,
    },
    {
        name: 'twin',
        what: 'a certificate of another authority of the same name',
        certificate: pki.twin.server,
        detail: /issuer of its certificate is not known.*`ca`/,
    },
    {
        name: 'self-signed',
        what: 'a self-signed certificate',
        certificate: await selfSigned({ name: 'localhost' }),
        detail: /self-signed.*`ca`/,
    },
    {
        name: 'pin',
        what: 'a key that is not pinned',
        certificate: pki.server,
        tls: { pins: [pki.other.server.spkiPin] },
        detail: /`pins`.*sha256\//,
    },
    {
        name: 'revoked',
        what: 'a revoked certificate',
        certificate: revoked,
        tls: { crl: 'ca.crl' },
        detail: /revocation list in `crl`/,
    },
];
t.test('A13 a server that does not verify gets one handshake and no byte of a request', async (t) => {
    const versions = ['TLSv1.3', 'TLSv1.2'];
    const all = await Promise.all(rows.flatMap((row) => versions.map(async (version) => {
        const { chain: cert, key } = row.certificate;
        const up = await startUpstream(t, { cert, key, ca: ca.cert, versions: { max: version } });
        const front = await startFront(t, { to: up, decide: () => 'pass' });
        return { ...row, version, up, front, route: `${row.name}-${version.at(-1)}` };
    })));
    const proxy = await runProxy(t, {
        config: {
            listen: '127.0.0.1:0',
            defaults: { tls: { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' } },
            routes: all.map(({ route, front, tls = {} }) => ({
                name: route,
                match: { path: `/${route}` },
                upstream: front.namedUrl,
                tls,
            })),
        },
        files: { ...pkiFiles(pki), 'ca.crl': await ca.revoke([revoked]) },
    });
    for (const { what, version, up, front, route, detail } of all) {
        await t.test(`A13 ${what}, ${version}`, async (t) => {
            const [top] = offers('TLSv1.3+TLSv1.2');
            isProblem(t, await ask(proxy, { path: `/${route}`, method: 'POST', body: 'secret' }), {
                status: 502,
                cause: 'server-certificate',
                error: 'tls_certificate_error',
                attempts: [`${top} server-certificate`],
                detail,
                upstream: `localhost:${front.port}`,
                route,
            });
            t.same(seen(front), [top], 'one handshake');
            t.equal(front.hellos.at(0).serverHello?.version, version);
            await front.hellos.at(0).closed;
            await Promise.all(up.connections.all().map(({ closed }) => closed));
            t.equal(up.requests.length, 0, 'no request');
        });
    }
    t.equal(proxy.log.all('handshake').length, 0);
});
//# sourceMappingURL=sends-nothing-to-an-unverified-server.test.js.map