import t from 'tap';
import { offers, scene, seen, tell } from '../../fixtures/ladder.js';
t.test('A4 one stray reset pins nobody down', async (t) => {
    const { up, front, proxy, name, ask } = await scene(t, {
        decide: (_hello, n) => (n === 0 ? 'reset' : 'pass'),
        tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
        route: { pool: { keepAlive: false } },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const second = ladder[1];
    const first = await ask();
    t.equal(first.reply.status, 200);
    t.equal(first.line.attempts, 2);
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), [`${ladder[0]} reset`, `${second} ok`]);
    t.match(proxy.log.all('fallback'), [{ from: ladder[0], to: second, outcome: 'reset' }]);
    const recovered = await proxy.log.next('recovered');
    t.match(recovered, { level: 30, route: 'iot', upstream: name, protocol: 'TLSv1.3' });
    const { time } = proxy.log.all('fallback')[0] ?? {};
    t.ok(Number(recovered.time) - Number(time) < 15_000);
    const handshakes = proxy.log.all('handshake').length;
    const { reply, line } = await ask();
    t.match(reply.json(), { protocol: 'TLSv1.3' });
    t.match(line, { protocol: 'TLSv1.3', attempts: 1 });
    t.same(tell(proxy.log.all('handshake')[handshakes]?.attempts), [`${ladder[0]} ok`]);
    t.equal(proxy.log.all('recovered').length, 1);
    t.equal(proxy.log.all('fallback').length, 1);
    t.same(seen(front), [ladder[0], second, ladder[0], ladder[0]], 'the third hello asked whether the top works again');
    t.equal(up.requests.length, 2, 'and carried no request');
});
//# sourceMappingURL=recovers-from-a-stray-reset.test.js.map