import t from 'tap';
import { isProblem, offers, scene, seen } from '../../fixtures/ladder.js';
t.test('A6 when every offer fails, the answer lists all attempts in order', async (t) => {
    const ends = ['reset', 'close', { alert: 40 }, { alert: 70 }];
    const told = ['reset', 'close', 'alert 40', 'alert 70'];
    const { up, front, proxy, name, ask } = await scene(t, {
        decide: (_hello, n) => ends[n] ?? 'reset',
        tls: { versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'] },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2', 'TLSv1.1');
    const asked = await ask();
    isProblem(t, asked, {
        status: 502,
        cause: 'tls-version',
        error: 'tls_protocol_error',
        attempts: ladder.map((offer, index) => `${offer} ${told[index]}`),
        detail: /accepted none of what this route may offer .*TLSv1\.3\+TLSv1\.2: reset.*TLSv1\.2: .*TLSv1\.1: .*`versions`/,
        upstream: name,
    });
    t.equal(asked.line['protocol'], undefined);
    t.same(seen(front), ladder);
    t.equal(up.accepted, 0);
    t.equal(proxy.log.all('handshake').length, 0);
    t.equal(proxy.log.all('fallback').length, 0);
    // Nothing that failed is remembered: the next request begins at the top again.
    await ask();
    t.same(seen(front).slice(ladder.length), ladder);
});
//# sourceMappingURL=tells-all-attempts-when-every-offer-fails.test.js.map