import t from 'tap';
import { isProblem, offers, scene, seen, tell } from '../../fixtures/ladder.js';
t.test('A24 offer: exact proposes one version each, in the order written', async (t) => {
    for (const versions of [
        ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'],
        ['TLSv1.1', 'TLSv1.3', 'TLSv1', 'TLSv1.2'],
    ]) {
        await t.test(`A24 ${versions.join(', ')}`, async (t) => {
            const ladder = offers(...versions);
            const { front, name, ask } = await scene(t, { decide: () => 'reset', tls: { versions, offer: 'exact' } });
            isProblem(t, await ask(), {
                status: 502,
                cause: 'tls-version',
                error: 'tls_protocol_error',
                attempts: ladder.map((offer) => `${offer} reset`),
                detail: /`versions`/,
                upstream: name,
            });
            t.same(seen(front), ladder);
        });
    }
});
t.test('A24 a lower version that is written first is used first', async (t) => {
    const { up, front, proxy, ask } = await scene(t, {
        decide: () => 'pass',
        tls: { versions: ['TLSv1.2', 'TLSv1.3'], offer: 'exact', remember: 0 },
    });
    t.match((await ask()).reply.json(), { protocol: 'TLSv1.2' });
    t.same(seen(front), ['TLSv1.2']);
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), ['TLSv1.2 ok']);
    t.equal(up.connections.length, 1);
});
t.test('A24 and a higher one that is written last is used last', async (t) => {
    const { front, proxy, ask } = await scene(t, {
        decide: () => 'pass',
        server: { versions: { min: 'TLSv1.3' } },
        tls: { versions: ['TLSv1.2', 'TLSv1.3'], offer: 'exact', remember: 0 },
    });
    t.match((await ask()).reply.json(), { protocol: 'TLSv1.3' });
    t.same(seen(front), ['TLSv1.2', offers('TLSv1.3')[0]]);
    t.match(proxy.log.all('fallback'), [{ from: 'TLSv1.2', to: 'TLSv1.3', outcome: 'alert' }]);
});
//# sourceMappingURL=offers-exactly-one-version-at-a-time.test.js.map