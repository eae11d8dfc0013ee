import t from 'tap';
import { isProblem, offers, scene, seen } from '../../fixtures/ladder.js';
t.test('A12 a server that accepts and stays silent is a time-out, not a version', async (t) => {
    const { front, name, ask } = await scene(t, {
        decide: () => 'silent',
        tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
        route: { timeouts: { handshake: '300ms' } },
    });
    const [top] = offers('TLSv1.3+TLSv1.2');
    const asked = await ask();
    isProblem(t, asked, {
        status: 504,
        cause: 'timeout',
        error: 'connection_timeout',
        attempts: [`${top} timeout`],
        detail: /did not answer within `timeouts\.handshake`/,
        upstream: name,
    });
    t.ok(Number(asked.line.ms) >= 290, 'it had its time');
    await front.hellos.at(0).closed;
    t.same(seen(front), [top]);
});
//# sourceMappingURL=gives-up-on-a-silent-server.test.js.map