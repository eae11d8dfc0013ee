import t from 'tap';
import { offers, postQuantum, scene, seen, tell } from '../../fixtures/ladder.js';
t.test('A3 a server that stumbles over post-quantum hellos keeps TLS 1.3', async (t) => {
    const { up, front, proxy, ask } = await scene(t, {
        decide: (hello) => (hello.postQuantum || hello.length > 1400 ? 'reset' : 'pass'),
        tls: { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 },
    });
    const ladder = offers('TLSv1.3+TLSv1.2');
    const { reply, line } = await ask();
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.3' });
    t.match(line, { status: 200, protocol: 'TLSv1.3', attempts: ladder.length });
    t.same(seen(front), ladder);
    for (const { hello } of front.hellos)
        t.same(hello.versions, ['TLSv1.3', 'TLSv1.2'], 'no version was left out');
    const [handshake] = proxy.log.all('handshake');
    t.match(handshake, { protocol: 'TLSv1.3', offer: ladder.at(-1), group: 'X25519' });
    // Where OpenSSL has no such groups, the first hello is short and classical, and there is nothing to fall back from.
    const { hello: first } = front.hellos.at(0);
    t.equal(first.postQuantum, postQuantum);
    t.equal(first.length > 1400, postQuantum);
    t.notOk(front.hellos.at(-1).hello.postQuantum);
    t.same(tell(handshake?.attempts), postQuantum ? [`${ladder[0]} reset`, `${ladder[1]} ok`] : [`${ladder[0]} ok`]);
    t.same(proxy.log.all('fallback').map(({ from, to, outcome }) => [from, to, outcome]), postQuantum ? [['TLSv1.3+TLSv1.2', 'TLSv1.3+TLSv1.2/classical', 'reset']] : []);
    t.equal(up.requests.length, 1);
});
t.test('A3 groups that are named, and classical, give no further offer', async (t) => {
    const { front, ask } = await scene(t, {
        decide: () => 'reset',
        tls: { versions: ['TLSv1.3', 'TLSv1.2'], groups: 'X25519:P-256' },
    });
    const { reply } = await ask();
    t.equal(reply.status, 502);
    t.same(front.hellos.all().map(({ hello }) => [hello.versions.join('+'), hello.groups]), [
        ['TLSv1.3+TLSv1.2', [29, 23]],
        ['TLSv1.2', [29, 23]],
    ]);
});
//# sourceMappingURL=leaves-out-post-quantum-groups-before-a-version.test.js.map