import { constants } from 'node:crypto';
import t from 'tap';
import { scene, seen } from '../../fixtures/ladder.js';
for (const { what, tls, options, resumed } of [
    {
        what: 'resumed as long as a TLS 1.2 server takes its session',
        tls: { versions: ['TLSv1.2'] },
        options: {},
        resumed: [false, true, true, true],
    },
    {
        // OpenSSL gives two with a full handshake, and none with a resumed one.
        what: 'resumed once by each ticket of a TLS 1.3 server (RFC 8446 appendix C.4)',
        tls: { versions: ['TLSv1.3'] },
        options: {},
        resumed: [false, true, true, false],
    },
    {
        what: 'full where the server gives no ticket',
        tls: { versions: ['TLSv1.2'] },
        options: { secureOptions: constants.SSL_OP_NO_TICKET },
        resumed: [false, false, false, false],
    },
    { what: 'full with `resume: false`', tls: { resume: false }, options: {}, resumed: [false, false, false, false] },
]) {
    t.test(`A29 keepAlive: false makes a handshake for each request, ${what}`, async (t) => {
        const { up, front, proxy, ask } = await scene(t, {
            decide: () => 'pass',
            server: { tls: options },
            tls,
            route: { pool: { keepAlive: false } },
        });
        for (const again of resumed) {
            const { reply, line } = await ask();
            t.match(reply.json(), { client: 'client', resumed: again });
            t.match(line, { status: 200, reused: false, replayed: false, attempts: 1 });
        }
        t.same(proxy.log.all('handshake').map((line) => line.resumed), resumed);
        t.same(up.connections.all().map(({ requests }) => requests), resumed.map(() => 1));
        t.equal(seen(front).length, resumed.length);
        // Each connection is gone when its request is over: none is kept for nothing.
        await Promise.all(front.hellos.all().map(({ closed }) => closed));
    });
}
//# sourceMappingURL=makes-a-handshake-for-each-request.test.js.map