import t from 'tap';
import { isProblem, offers, scene, seen, until12 } from '../../fixtures/ladder.js';
t.test('A7 inappropriate_fallback on a lowered offer ends the ladder and is not remembered', async (t) => {
    const { up, front, proxy, name, ask } = await scene(t, {
        decide: ({ versions }) => (versions.includes('TLSv1.3') ? 'reset' : { alert: 86 }),
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'] },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const attempts = ladder.map((offer) => `${offer} ${offer === 'TLSv1.2' ? 'alert 86' : 'reset'}`);
    const detail = /higher version than this offer.*between/;
    const expected = { status: 502, cause: 'tls-version', error: 'tls_protocol_error', attempts, detail, upstream: name };
    isProblem(t, await ask(), expected);
    t.same(seen(front), ladder, 'TLS 1.1 was never offered');
    isProblem(t, await ask(), expected);
    t.same(seen(front).slice(ladder.length), ladder, 'the second request began at the top');
    t.equal(up.accepted, 0);
    t.equal(proxy.log.all('fallback').length, 0);
});
//# sourceMappingURL=stops-at-inappropriate-fallback.test.js.map