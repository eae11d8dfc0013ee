import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { startFront } from '../../fixtures/front.js';
import { ask, isProblem, offers, seen } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { runProxy } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
t.test('A15 a certificate refused after a TLS 1.3 handshake is told as such and costs no request', async (t) => {
    const pki = await makePki();
    const { ca, server } = pki;
    const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert });
    let action = 'pass';
    // A slow handshake: a server is given as long as that to refuse us, which is long enough on a busy machine too.
    const front = await startFront(t, {
        to: up,
        async decide() {
            await pause(250);
            return action;
        },
    });
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
        ['alert 116', 'iot', { passUntil: 'client-flight', end: { alert: 116 } }, 'alert 116', /`cert` and `key`/],
        [
            'alert 48',
            'iot',
            { passUntil: 'client-flight', end: { alert: 48 } },
            'alert 48',
            /authority.*`cert`.*unknown_ca/,
        ],
        [
            'a bare close',
            'iot',
            { passUntil: 'client-flight', end: 'close' },
            'close',
            /`cert`, `key`.*`versions: \[TLSv1\.2\]`/,
        ],
        [
            'a reset',
            'iot',
            { passUntil: 'client-flight', end: 'reset' },
            'reset',
            /`cert`, `key`.*`versions: \[TLSv1\.2\]`/,
        ],
        ['a real server that drops a foreign one', 'foreign', 'pass', 'close', /`cert`, `key`/],
        ['a real server that misses one', 'none', 'pass', 'alert 116', /demands a client certificate.*`cert` and `key`/],
    ];
    const body = Buffer.alloc(100_000, 'secret');
    for (const method of ['GET', 'POST']) {
        for (const [what, name, wanted, outcome, detail] of rows) {
            await t.test(`A15 ${what}, ${method}`, async (t) => {
                action = wanted;
                const from = front.hellos.length;
                const alert = outcome.startsWith('alert') ? { alert: Number(outcome.slice(6)) } : {};
                const asked = await ask(proxy, { path: `/${name}`, method, ...(method === 'POST' ? { body } : {}) });
                isProblem(t, asked, {
                    status: 502,
                    cause: 'client-certificate',
                    error: 'alert' in alert ? 'tls_alert_received' : 'connection_terminated',
                    attempts: [`${top} ${outcome}`],
                    detail,
                    upstream: `localhost:${front.port}`,
                    route: name,
                    ...alert,
                });
                t.equal(asked.line.protocol, 'TLSv1.3');
                t.same(seen(front).slice(from), [top]);
                const connection = front.hellos.at(from);
                await connection.closed;
                t.equal(connection.serverHello?.version, 'TLSv1.3');
                t.ok(connection.clientBytes < 10_000, `no body was sent: ${connection.clientBytes} bytes in all`);
            });
        }
    }
    t.equal(up.connections.length, 0);
    t.equal(up.requests.length, 0, 'nothing was delivered');
    t.equal(proxy.log.all('fallback').length, 0);
});
//# sourceMappingURL=tells-a-refused-certificate-in-tls13.test.js.map