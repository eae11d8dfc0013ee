import t from 'tap';
import { climbed, offers, scene, seen, tell, until12 } from '../../fixtures/ladder.js';
t.test('A5 an alert that a server may send for want of a version leads to the next offer', async (t) => {
    let end = 'reset';
    const { up, front, proxy, ask } = await scene(t, {
        decide: ({ versions }) => (versions.includes('TLSv1.3') ? end : 'pass'),
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 },
        route: { pool: { keepAlive: false } },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    for (const [alert, name] of [
        [70, 'protocol_version'],
        [40, 'handshake_failure'],
        [71, 'insufficient_security'],
        [47, 'illegal_parameter'],
        [50, 'decode_error'],
        [80, 'internal_error'],
        [10, 'unexpected_message'],
    ]) {
        await t.test(`A5 alert ${alert}, ${name}`, async (t) => {
            end = { alert };
            const [hellos, lines] = [front.hellos.length, proxy.log.lines.length];
            const { reply, line } = await ask();
            t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2' });
            t.match(line, { status: 200, protocol: 'TLSv1.2', attempts: ladder.length });
            t.same(seen(front).slice(hellos), ladder);
            const since = proxy.log.all().slice(lines);
            const handshakes = since.filter(({ msg }) => msg === 'handshake');
            t.equal(handshakes.length, 1);
            t.same(tell(handshakes[0]?.attempts), climbed(ladder, 'alert').map((text) => text.replace('alert', `alert ${alert}`)));
            const fallbacks = since.filter(({ msg }) => msg === 'fallback');
            t.equal(fallbacks.length, 1);
            t.match(fallbacks[0], { from: ladder[0], to: 'TLSv1.2', outcome: 'alert', code: /^ERR_SSL_/ });
        });
    }
    t.equal(up.requests.length, 7);
});
t.test('A5 the alert of a real server that lacks the version', async (t) => {
    const { proxy, ask } = await scene(t, {
        decide: () => 'pass',
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2'], offer: 'exact', remember: 0 },
    });
    const { reply } = await ask();
    t.match(reply.json(), { protocol: 'TLSv1.2' });
    const ladder = offers('TLSv1.3', 'TLSv1.2');
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), climbed(ladder, 'alert').map((text) => text.replace('alert', 'alert 70')));
});
//# sourceMappingURL=falls-back-on-alerts-about-the-offer.test.js.map