import t from 'tap';
import { startFront } from '../../fixtures/front.js';
import { ask, isProblem, offers, seen, until12 } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { runProxy } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
t.test('A14 a certificate refused in TLS 1.2 is told as such, and no lower version is tried', async (t) => {
    const pki = await makePki();
    const { ca, server } = pki;
    const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert, ...until12 });
    let action = 'pass';
    const front = await startFront(t, { to: up, decide: () => action });
    const route = (name, tls) => ({ name, match: { path: `/${name}` }, upstream: front.namedUrl, tls });
    const proxy = await runProxy(t, {
        config: {
            listen: '127.0.0.1:0',
            defaults: { tls: { ca: 'ca.pem' } },
            routes: [
                route('iot', { cert: 'client.crt', key: 'client.key' }),
                route('foreign', { cert: 'other-client.crt', key: 'other-client.key' }),
                route('none', {}),
            ],
        },
        files: pkiFiles(pki),
    });
    const [top] = offers('TLSv1.3+TLSv1.2');
    const rows = [
        [
            'an alert',
            'iot',
            { passUntil: 'client-flight', end: { alert: 48 } },
            'alert 48',
            /authority.*`cert`.*unknown_ca/,
        ],
        [
            'another alert',
            'iot',
            { passUntil: 'client-flight', end: { alert: 46 } },
            'alert 46',
            /`cert`.*certificate_unknown/,
        ],
        ['a silent drop', 'iot', { passUntil: 'client-flight', end: 'close' }, 'close', /`cert`, `key`.*TLSv1\.2/],
        ['a reset', 'iot', { passUntil: 'client-flight', end: 'reset' }, 'reset', /`cert`, `key`.*TLSv1\.2/],
        ['a real server that drops a foreign one', 'foreign', 'pass', 'close', /`cert`, `key`/],
        [
            'a real server that misses one',
            'none',
            'pass',
            'alert 40',
            /client certificate.*`cert` and `key`.*handshake_failure/,
        ],
    ];
    for (const [what, name, wanted, outcome, detail] of rows) {
        await t.test(`A14 ${what}`, async (t) => {
            action = wanted;
            const from = front.hellos.length;
            const alert = outcome.startsWith('alert') ? { alert: Number(outcome.slice(6)) } : {};
            isProblem(t, await ask(proxy, { path: `/${name}`, method: 'POST', body: 'secret' }), {
                status: 502,
                cause: 'client-certificate',
                error: 'alert' in alert ? 'tls_alert_received' : 'connection_terminated',
                attempts: [`${top} ${outcome}`],
                detail,
                upstream: `localhost:${front.port}`,
                route: name,
                ...alert,
            });
            t.same(seen(front).slice(from), [top]);
            t.equal(front.hellos.at(from).serverHello?.version, 'TLSv1.2');
        });
    }
    t.equal(up.connections.length, 0);
    t.equal(proxy.log.all('handshake').length, 0, 'no handshake was complete');
});
//# sourceMappingURL=tells-a-refused-certificate-in-tls12.test.js.map