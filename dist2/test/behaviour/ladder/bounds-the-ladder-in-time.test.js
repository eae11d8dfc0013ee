import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { isProblem, offers, scene, seen } from '../../fixtures/ladder.js';
const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2', 'TLSv1.1', 'TLSv1');
const tls = { versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] };
t.test('A25 attempts that take long each end at `timeouts.ladder`', async (t) => {
    const { up, front, name, ask } = await scene(t, {
        // Each attempt has more time than the ladder: the first uses a part of it, the second would use the rest and more.
        async decide(_hello, n) {
            if (n > 0)
                return 'silent';
            await pause(300);
            return 'reset';
        },
        tls,
        route: { timeouts: { handshake: '30s', ladder: '2s' } },
    });
    const asked = await ask();
    isProblem(t, asked, {
        status: 504,
        cause: 'timeout',
        error: 'connection_timeout',
        attempts: [`${ladder[0]} reset`, `${ladder[1]} timeout`],
        detail: /longer than `timeouts\.ladder`/,
        upstream: name,
    });
    t.ok(Number(asked.line.ms) >= 1_990, 'it had its time');
    t.same(seen(front), ladder.slice(0, 2));
    await front.hellos.at(1).closed;
    t.equal(up.accepted, 0);
});
t.test('A25 a remembered offer has no more time than a ladder', async (t) => {
    const { front, name, ask } = await scene(t, {
        decide: () => 'pass',
        tls,
        route: { pool: { keepAlive: false }, timeouts: { handshake: '30s', ladder: '500ms' } },
    });
    t.equal((await ask()).reply.status, 200);
    front.decide = () => 'silent';
    isProblem(t, await ask(), {
        status: 504,
        cause: 'timeout',
        error: 'connection_timeout',
        attempts: [`${ladder[0]} timeout`],
        detail: /longer than `timeouts\.ladder`/,
        upstream: name,
    });
    t.equal(front.hellos.length, 2);
});
//# sourceMappingURL=bounds-the-ladder-in-time.test.js.map