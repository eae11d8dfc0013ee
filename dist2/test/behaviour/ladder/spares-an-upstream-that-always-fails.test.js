import t from 'tap';
import { send } from '../../fixtures/client.js';
import { scene } from '../../fixtures/ladder.js';
t.test('a burst on a dead upstream is answered by few attempts, and its return is noticed', async (t) => {
    let dead = true;
    const { front, proxy } = await scene(t, { decide: () => (dead ? 'reset' : 'pass'), tls: { versions: ['TLSv1.2'] } });
    const ask = async () => (await send(`${proxy.url}/iot/x`)).status;
    for (let round = 0; round < 20; round += 1) {
        const statuses = await Promise.all(Array.from({ length: 10 }, ask));
        t.ok(statuses.every((status) => status === 502));
    }
    t.ok(front.hellos.length < 100, `${front.hellos.length} attempts for 200 requests`);
    dead = false;
    let status = await ask();
    while (status !== 200)
        status = await ask();
    t.equal(status, 200);
});
//# sourceMappingURL=spares-an-upstream-that-always-fails.test.js.map