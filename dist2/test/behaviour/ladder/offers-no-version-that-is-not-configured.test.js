import t from 'tap';
import { isProblem, offers, scene, seen } from '../../fixtures/ladder.js';
t.test('A9 versions [1.2]: no other is offered, whatever happens', async (t) => {
    const { front, name, ask } = await scene(t, { decide: () => 'reset', tls: { versions: ['TLSv1.2'] } });
    const expected = {
        status: 502,
        cause: 'tls-version',
        error: 'tls_protocol_error',
        attempts: ['TLSv1.2 reset'],
        detail: /TLSv1\.2: reset.*`versions`/,
        upstream: name,
    };
    isProblem(t, await ask(), expected);
    isProblem(t, await ask(), expected);
    t.same(seen(front), ['TLSv1.2', 'TLSv1.2']);
});
t.test('A9 the default is TLS 1.3 and 1.2, nothing older', async (t) => {
    const { front, ask } = await scene(t, { decide: () => 'reset' });
    await ask();
    t.same(seen(front), offers('TLSv1.3+TLSv1.2', 'TLSv1.2'));
});
//# sourceMappingURL=offers-no-version-that-is-not-configured.test.js.map