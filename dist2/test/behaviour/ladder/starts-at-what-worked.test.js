import t from 'tap';
import { climbed, offers, scene, seen, tell, until12, without13 } from '../../fixtures/ladder.js';
t.test('A18 the next connection starts at the offer that worked', async (t) => {
    const { up, front, proxy, ask } = await scene(t, {
        decide: without13('reset'),
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
        route: { pool: { keepAlive: false } },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const first = await ask();
    t.match(first.line, { status: 200, protocol: 'TLSv1.2', attempts: ladder.length, reused: false });
    const second = await ask();
    t.match(second.line, { status: 200, protocol: 'TLSv1.2', attempts: 1, reused: false });
    const handshakes = proxy.log.all('handshake');
    t.equal(handshakes.length, 2);
    t.same(tell(handshakes[0]?.attempts), climbed(ladder, 'reset'));
    t.same(tell(handshakes[1]?.attempts), ['TLSv1.2 ok']);
    t.equal(handshakes[1]?.offer, 'TLSv1.2');
    t.equal(proxy.log.all('fallback').length, 1);
    t.same(seen(front).slice(0, ladder.length), ladder);
    t.equal(up.connections.length, 2);
});
t.test('A18 a reused connection is logged with its protocol', async (t) => {
    const { up, ask } = await scene(t, {
        decide: without13('reset'),
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
    });
    await ask();
    const { line } = await ask();
    t.match(line, { status: 200, protocol: 'TLSv1.2', reused: true, replayed: false });
    t.equal(up.connections.length, 1);
});
//# sourceMappingURL=starts-at-what-worked.test.js.map