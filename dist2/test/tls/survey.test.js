import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.js';
import { survey } from '../../src/tls/survey.js';
import { startFront } from '../fixtures/front.js';
import { makePki, writePki } from '../fixtures/pki.js';
import { startUpstream } from '../fixtures/upstreams.js';
const pki = await makePki();
const directory = t.testdir({});
await writePki(directory, pki);
const never = new AbortController().signal;
const identity = { cert: pki.server.chain, key: pki.server.key };
const required = { ...identity, ca: pki.ca.cert };
const trusting = { ...routeTo('https://localhost').tls, ca: [`${directory}/ca.pem`] };
const settings = { ...trusting, cert: `${directory}/client.crt`, key: `${directory}/client.key` };
function place(port) {
    const timeouts = { connect: 20_000, handshake: 20_000 };
    const name = 'localhost';
    return { hostname: '127.0.0.1', port, identity: { name, verifyHostname: true, pins: [] }, timeouts };
}
t.test('one connection at a time, each told before it begins', async (t) => {
    const up = await startUpstream(t, required);
    let open = 0;
    const front = await startFront(t, {
        to: up,
        decide: () => {
            open = Math.max(open, front.connections.filter(({ clientEnd }) => clientEnd === 'open').length);
            return 'pass';
        },
    });
    const trials = [];
    const found = await survey(place(front.port), settings, never, (trial) => trials.push(trial));
    t.equal(open, 1);
    t.equal(trials.length, found.handshakes.length);
    t.match(trials[0], { version: 'TLSv1.3', groups: 'default', clientCertificate: true, resuming: false });
    t.ok(trials.some(({ resuming }) => resuming));
    t.ok(trials.some(({ clientCertificate }) => !clientCertificate));
    t.same(front.hellos.at(0).hello.alpn, ['h2', 'http/1.1']);
    t.equal(front.hellos.at(0).hello.servername, 'localhost');
    t.equal(front.hellos.length, found.handshakes.length);
    t.equal(front.hellos.all().filter(({ hello }) => hello.ticket).length, 2);
});
t.test('each hello offers one version, the highest first', async (t) => {
    const front = await startFront(t, { decide: () => 'reset' });
    await survey(place(front.port), trusting, never);
    const offered = front.hellos.all().map(({ hello }) => hello.versions.join());
    t.same([...new Set(offered)], ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1']);
});
t.test('a server that minds our ALPN is asked again without', async (t) => {
    const up = await startUpstream(t, { ...identity, tls: { ALPNProtocols: ['other'] } });
    const { handshakes } = await survey(place(up.port), trusting, never);
    t.match(handshakes[0], { result: 'confirmed', alpn: null });
    const h2 = await startUpstream(t, { ...identity, tls: { ALPNProtocols: ['h2', 'http/1.1'] } });
    t.equal((await survey(place(h2.port), trusting, never)).handshakes[0]?.alpn, 'h2');
});
t.test('what this runtime cannot propose is told, and the rest is tried', async (t) => {
    const up = await startUpstream(t, identity);
    const { handshakes } = await survey(place(up.port), { ...trusting, groups: 'no-such-group' }, never);
    t.match(handshakes[0], { groups: 'configured', result: 'failed', code: 'ERR_LOCAL', hint: /does not know all of/ });
    t.match(handshakes[1], { groups: 'default', result: 'confirmed' });
});
t.test('an exchange without a named group', async (t) => {
    const { cert, key } = await pki.ca.issue({ name: 'localhost', key: 'rsa2048' });
    const groupOf = async (ciphers) => {
        const tls = ciphers.startsWith('DHE') ? { dhparam: 'auto' } : {};
        const up = await startUpstream(t, { cert, key, ciphers, versions: { max: 'TLSv1.2' }, tls });
        const { handshakes } = await survey(place(up.port), trusting, never);
        return handshakes.find(({ result }) => result === 'confirmed')?.group;
    };
    t.equal(await groupOf('AES128-GCM-SHA256'), undefined);
    t.match(await groupOf('DHE-RSA-AES128-GCM-SHA256'), /^DH \d{4}$/);
    const p256 = await startUpstream(t, { ...identity, versions: { max: 'TLSv1.2' }, tls: { ecdhCurve: 'P-256' } });
    const { handshakes } = await survey(place(p256.port), trusting, never);
    t.equal(handshakes.find(({ result }) => result === 'confirmed')?.group, 'P-256');
});
t.test('an abort ends it', async (t) => {
    const front = await startFront(t, { decide: () => 'silent' });
    const controller = new AbortController();
    const running = survey(place(front.port), trusting, controller.signal);
    const { closed } = await front.hellos.first();
    controller.abort(new Error('enough'));
    await t.rejects(running, /enough/);
    await closed;
});
t.test('where nobody listens, one attempt is enough, however much could be tried', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    const { handshakes } = await survey(place(port), { ...trusting, groups: 'X25519' }, never);
    t.match(handshakes, [{ groups: 'configured', outcome: 'refused' }]);
    t.equal(handshakes.length, 1);
});
//# sourceMappingURL=survey.test.js.map