import t from 'tap';
import { climbed, offers, scene, seen, tell, until12, without13 } from '../../fixtures/ladder.js';
t.test('A1 a reset of hellos that offer TLS 1.3 leads to TLS 1.2', async (t) => {
    const tls = { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 };
    const { up, front, proxy, name, ask } = await scene(t, { decide: without13('reset'), server: until12, tls });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const { reply, line } = await ask();
    t.equal(reply.status, 200);
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2', method: 'GET', target: '/x' });
    t.match(line, {
        level: 30,
        route: 'iot',
        method: 'GET',
        path: '/iot/x',
        status: 200,
        bytesIn: 0,
        bytesOut: reply.body.length,
        reused: false,
        protocol: 'TLSv1.2',
        attempts: ladder.length,
        replayed: false,
    });
    t.notOk('cause' in line);
    const [handshake] = proxy.log.all('handshake');
    t.match(handshake, {
        level: 30,
        route: 'iot',
        upstream: name,
        protocol: 'TLSv1.2',
        resumed: false,
        offer: 'TLSv1.2',
    });
    t.match(handshake?.cipher, /^TLS_ECDHE_ECDSA_WITH_/);
    t.equal(line.cipher, handshake?.cipher);
    t.match(handshake?.group, /^(X25519|prime256v1|P-256)$/);
    t.ok(Number.isInteger(handshake?.ms));
    t.same(tell(handshake?.attempts), climbed(ladder, 'reset'));
    t.match(handshake?.attempts, [{ code: 'ECONNRESET' }]);
    const fallbacks = proxy.log.all('fallback');
    t.equal(fallbacks.length, 1);
    t.match(fallbacks[0], {
        level: 40,
        route: 'iot',
        upstream: name,
        from: 'TLSv1.3+TLSv1.2',
        to: 'TLSv1.2',
        outcome: 'reset',
        code: 'ECONNRESET',
    });
    t.same(seen(front), ladder);
    t.equal(up.accepted, 1, 'the server itself saw one connection');
    t.equal(up.requests.length, 1);
    t.equal(proxy.log.all('handshake').length, 1);
});
//# sourceMappingURL=falls-back-on-a-reset.test.js.map