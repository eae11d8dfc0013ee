import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import t from 'tap';
import { ask, isProblem, offers } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { oneRoute, runProxy } from '../../fixtures/proxy.js';
import { closing } from '../../fixtures/teardown.js';
import { startUpstream } from '../../fixtures/upstreams.js';
/** Half a round trip, in milliseconds: a server on another continent. */
const oneWay = 100;
/** Passes bytes and ends on, each as much later. @returns its port */
async function farAway(t, port) {
    const sockets = new Set();
    const pass = (from, to) => {
        sockets.add(from);
        from.on('data', (bytes) => setTimeout(() => to.write(bytes), oneWay));
        from.on('end', () => setTimeout(() => to.end(), oneWay));
        from.on('error', () => to.destroy()); // what one side does to its connection is done to the other
    };
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
        const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
        pass(near, far);
        pass(far, near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing(t, {
        async close() {
            for (const socket of sockets)
                socket.destroy();
            await new Promise((done) => server.close(done));
        },
    });
    return server.address().port;
}
t.test('A15 a POST waits for a refusal of our certificate as long as one takes to arrive', async (t) => {
    const pki = await makePki();
    const { ca, server } = pki;
    const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert });
    const upstream = `localhost:${await farAway(t, up.port)}`;
    const foreign = { cert: 'other-client.crt', key: 'other-client.key' };
    const proxy = await runProxy(t, { config: oneRoute(`https://${upstream}`, foreign), files: pkiFiles(pki) });
    const asked = await ask(proxy, { method: 'POST', body: 'secret' });
    isProblem(t, asked, {
        status: 502,
        cause: 'client-certificate',
        error: 'connection_terminated',
        attempts: [`${offers('TLSv1.3+TLSv1.2')[0]} close`],
        detail: /`cert`, `key`/,
        upstream,
    });
    t.equal(asked.line.bytesIn, 0, 'nothing of it was taken from the client');
    t.equal(up.requests.length, 0);
});
//# sourceMappingURL=waits-for-a-refusal-from-far-away.test.js.map