import t from 'tap';
import { climbed, isProblem, offerOf, offers, scene, tell, until12, without13 } from '../../fixtures/ladder.js';
const tls = { versions: ['TLSv1.3', 'TLSv1.2'] };
const route = { pool: { keepAlive: false } };
const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
t.test('A20 a remembered offer that fails is forgotten, and the ladder starts at the top', async (t) => {
    const { up, front, proxy, ask } = await scene(t, { decide: without13('reset'), server: until12, tls, route });
    await ask();
    let closed = false;
    front.decide = ({ versions }) => {
        if (versions.includes('TLSv1.3'))
            return closed ? 'pass' : 'reset';
        closed = true;
        return 'close';
    };
    const { reply, line } = await ask();
    t.equal(reply.status, 200);
    t.equal(line.attempts, 2);
    t.same(tell(proxy.log.all('handshake')[1]?.attempts), ['TLSv1.2 close', `${ladder[0]} ok`]);
    await ask();
    t.same(tell(proxy.log.all('handshake')[2]?.attempts), [`${ladder[0]} ok`]);
    t.equal(proxy.log.all('recovered').length, 1);
    t.equal(up.requests.length, 3);
});
t.test('A20 and is climbed once, not again and again', async (t) => {
    const { front, proxy, name, ask } = await scene(t, { decide: without13('reset'), server: until12, tls, route });
    await ask();
    const from = front.hellos.length;
    front.decide = () => 'reset';
    isProblem(t, await ask(), {
        status: 502,
        cause: 'tls-version',
        error: 'tls_protocol_error',
        attempts: ['TLSv1.2', ...ladder].map((offer) => `${offer} reset`),
        detail: /`versions`/,
        upstream: name,
    });
    t.equal(front.hellos
        .all()
        .slice(from)
        .filter(({ hello }) => offerOf(hello) === 'TLSv1.2').length, 2);
    front.decide = without13('reset');
    const { line } = await ask();
    t.match(line, { status: 200, attempts: ladder.length });
    t.same(tell(proxy.log.all('handshake').at(-1)?.attempts), climbed(ladder, 'reset'), 'nothing was remembered');
});
//# sourceMappingURL=forgets-an-offer-that-no-longer-works.test.js.map