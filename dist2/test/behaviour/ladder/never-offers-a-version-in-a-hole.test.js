import t from 'tap';
import { isProblem, offers, scene, seen, until12 } from '../../fixtures/ladder.js';
const tls = { versions: ['TLSv1.3', 'TLSv1.1'], remember: 0 };
const ladder = offers('TLSv1.3', 'TLSv1.1');
t.test('A23 versions [1.3, 1.1]: 1.2 is left out on the way down', async (t) => {
    const { front, ask } = await scene(t, {
        decide: () => 'pass',
        server: { versions: { min: 'TLSv1', max: 'TLSv1.1' } },
        tls,
    });
    const { reply, line } = await ask();
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.1' });
    t.match(line, { protocol: 'TLSv1.1', attempts: ladder.length });
    t.same(seen(front), ladder);
});
t.test('A23 a server that has 1.2 only is not reached', async (t) => {
    const { up, front, name, ask } = await scene(t, { decide: () => 'pass', server: until12, tls });
    isProblem(t, await ask(), {
        status: 502,
        cause: 'tls-version',
        error: 'tls_protocol_error',
        attempts: ladder.map((offer) => `${offer} alert 70`),
        detail: /TLSv1\.1: it does not speak that.*`versions`/,
        upstream: name,
    });
    t.same(seen(front), ladder);
    t.equal(up.requests.length, 0);
});
//# sourceMappingURL=never-offers-a-version-in-a-hole.test.js.map