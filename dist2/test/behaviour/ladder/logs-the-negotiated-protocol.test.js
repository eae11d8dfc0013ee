import t from 'tap';
import { ask } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { runProxy } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
const protocols = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
t.test('A28 the logged protocol is the real one, full and resumed', async (t) => {
    const pki = await makePki();
    const { ca, server } = pki;
    const all = await Promise.all(protocols.map(async (protocol) => {
        const versions = { min: protocol, max: protocol };
        const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert, versions });
        return { protocol, up, route: protocol.toLowerCase().replaceAll('.', '-') };
    }));
    const proxy = await runProxy(t, {
        config: {
            listen: '127.0.0.1:0',
            defaults: {
                tls: { ca: 'ca.pem', cert: 'client.crt', key: 'client.key', versions: protocols.toReversed() },
                pool: { keepAlive: false },
            },
            routes: all.map(({ route, up }) => ({ name: route, match: { path: `/${route}` }, upstream: up.namedUrl })),
        },
        files: pkiFiles(pki),
    });
    for (const { protocol, up, route } of all) {
        await t.test(`A28 ${protocol}`, async (t) => {
            for (const resumed of [false, true]) {
                const { reply, line } = await ask(proxy, { path: `/${route}` });
                t.match(reply.json(), { client: 'client', protocol, resumed }, 'as the server sees it');
                t.match(line, { route, status: 200, protocol, reused: false });
                const handshake = proxy.log.all('handshake').at(-1);
                t.match(handshake, { route, protocol, resumed, cipher: line.cipher });
                t.ok(String(handshake?.offer).split('+').join('+').includes(protocol));
            }
            t.equal(up.connections.length, 2);
        });
    }
});
//# sourceMappingURL=logs-the-negotiated-protocol.test.js.map