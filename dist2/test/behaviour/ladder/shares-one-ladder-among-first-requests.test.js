import t from 'tap';
import { send } from '../../fixtures/client.js';
import { climbed, offerOf, offers, scene, tell, until12, without13 } from '../../fixtures/ladder.js';
t.test('A17 fifty first requests at once climb one ladder', async (t) => {
    const { up, front, proxy } = await scene(t, {
        decide: without13('reset'),
        server: until12,
        tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
    });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const count = 50;
    const replies = await Promise.all(Array.from({ length: count }, (_, n) => send(`${proxy.url}/iot/${n}`)));
    t.same(new Set(replies.map(({ status }) => status)), new Set([200]));
    await proxy.log.next(() => proxy.log.all('request').length === count);
    t.equal(proxy.log.all('fallback').length, 1);
    const [first, ...others] = proxy.log.all('handshake');
    t.same(tell(first?.attempts), climbed(ladder, 'reset'));
    for (const { attempts } of others)
        t.same(tell(attempts), ['TLSv1.2 ok']);
    t.ok(others.length < count, 'at most one connection each');
    for (const { protocol, status } of proxy.log.all('request'))
        t.match({ protocol, status }, { protocol: 'TLSv1.2', status: 200 });
    // The top is tried again 2 s after the fallback, and not before.
    const hellos = front.hellos.all();
    const lowered = hellos.find(({ hello }) => offerOf(hello) === 'TLSv1.2');
    const climb = hellos.filter(({ at }) => at < (lowered?.at ?? 0) + 1_900);
    t.same(climb.filter(({ hello }) => hello.versions.includes('TLSv1.3')).map(({ hello }) => offerOf(hello)), ladder.slice(0, -1));
    t.equal(up.requests.length, count, 'each request once');
    t.equal(new Set(up.requests.all().map(({ target }) => target)).size, count);
});
//# sourceMappingURL=shares-one-ladder-among-first-requests.test.js.map