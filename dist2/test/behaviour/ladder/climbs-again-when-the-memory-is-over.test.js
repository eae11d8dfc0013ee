import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { climbed, offers, scene, tell, until12, without13 } from '../../fixtures/ladder.js';
t.test('A19 once `remember` is over the ladder starts at the top', async (t) => {
    const { front, proxy, name, ask } = await scene(t, {
        decide: without13('reset'),
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2'], remember: '1ms' },
        route: { pool: { keepAlive: false } },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    await ask();
    // Still broken: served, and remembered anew.
    await pause(5);
    const from = proxy.log.lines.length;
    const { line } = await ask();
    t.match(line, { status: 200, protocol: 'TLSv1.2', attempts: ladder.length });
    const again = proxy.log.all().slice(from);
    t.same(tell(again.find(({ msg }) => msg === 'handshake')?.attempts), climbed(ladder, 'reset'));
    t.equal(again.filter(({ msg }) => msg === 'fallback').length, 1);
    t.equal(proxy.log.all('recovered').length, 0);
    // Mended: the top is used again, and that is said once, by whoever found it out first.
    front.decide = () => 'pass';
    await pause(5);
    const mended = await ask();
    t.match(mended.line, { status: 200, attempts: 1 });
    t.match(proxy.log.all('handshake').at(-1), { offer: ladder[0] });
    t.equal(proxy.log.all('recovered').length, 1);
    t.match(proxy.log.all('recovered')[0], { route: 'iot', upstream: name, protocol: 'TLSv1.2' });
});
//# sourceMappingURL=climbs-again-when-the-memory-is-over.test.js.map