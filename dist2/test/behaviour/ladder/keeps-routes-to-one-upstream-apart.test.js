import t from 'tap';
import { startFront } from '../../fixtures/front.js';
import { ask, offerOf, offers, tell } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { runProxy } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
const pki = await makePki();
const { ca } = pki;
const named = await ca.issue({ name: 'localhost', names: ['localhost', 'a.test', 'b.test'] });
const second = await ca.issue({ name: 'second', usage: 'client' });
/** Routes `a` (certificate `client`) and `b` (certificate `second`) to the same upstream. */
async function two(t, a, b) {
    const up = await startUpstream(t, { cert: named.chain, key: named.key, ca: ca.cert });
    const front = await startFront(t, { to: up, decide: () => 'pass' });
    const route = (name, { tls, pool = {} }, credentials) => ({
        name,
        match: { path: `/${name}` },
        upstream: front.namedUrl,
        pool,
        tls: { ca: 'ca.pem', ...credentials, ...tls },
    });
    const proxy = await runProxy(t, {
        config: {
            listen: '127.0.0.1:0',
            routes: [
                route('a', a, { cert: 'client.crt', key: 'client.key' }),
                route('b', b, { cert: 'second.crt', key: 'second.key' }),
            ],
        },
        files: { ...pkiFiles(pki), 'second.crt': second.chain, 'second.key': second.key },
    });
    const as = async (name) => (await ask(proxy, { path: `/${name}/x` })).reply.json();
    return { up, front, proxy, as };
}
t.test('A21 each route offers its own versions and keeps its own connections', async (t) => {
    const { up, front, proxy, as } = await two(t, { tls: { versions: ['TLSv1.3'] } }, { tls: { versions: ['TLSv1.2'] } });
    for (let round = 0; round < 2; round += 1) {
        t.match(await as('a'), { client: 'client', protocol: 'TLSv1.3' });
        t.match(await as('b'), { client: 'second', protocol: 'TLSv1.2' });
    }
    t.same(front.hellos.all().map(({ hello }) => offerOf(hello)), [offers('TLSv1.3')[0], 'TLSv1.2']);
    t.same(up.connections.all().map(({ client, requests }) => [client, requests]), [
        ['client', 2],
        ['second', 2],
    ]);
    t.same(proxy.log.all('request').map(({ route, protocol, reused }) => [route, protocol, reused]), [
        ['a', 'TLSv1.3', false],
        ['b', 'TLSv1.2', false],
        ['a', 'TLSv1.3', true],
        ['b', 'TLSv1.2', true],
    ]);
});
t.test('A21 what one route remembers is not known to the other', async (t) => {
    // The name that a hello carries tells the front whose it is.
    const route = (servername) => ({
        tls: { versions: ['TLSv1.3', 'TLSv1.2'], servername },
        pool: { keepAlive: false },
    });
    const { front, proxy, as } = await two(t, route('a.test'), route('b.test'));
    front.decide = ({ versions, servername }) => servername === 'a.test' && versions.includes('TLSv1.3') ? 'reset' : 'pass';
    t.match(await as('a'), { client: 'client', protocol: 'TLSv1.2' });
    t.match(await as('b'), { client: 'second', protocol: 'TLSv1.3' });
    t.match(await as('a'), { client: 'client', protocol: 'TLSv1.2' });
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    t.same(proxy.log.all('handshake').map(({ route, attempts }) => [route, tell(attempts).length]), [
        ['a', ladder.length],
        ['b', 1],
        ['a', 1],
    ]);
});
for (const version of ['TLSv1.3', 'TLSv1.2']) {
    t.test(`A21 B13 a session of one route is never offered by the other, ${version}`, async (t) => {
        const same = { tls: { versions: [version] }, pool: { keepAlive: false } };
        const { front, as } = await two(t, same, same);
        t.match(await as('a'), { client: 'client', resumed: false });
        t.match(await as('b'), { client: 'second', resumed: false });
        t.match(await as('a'), { client: 'client', resumed: true });
        t.match(await as('b'), { client: 'second', resumed: true });
        t.same(front.hellos.all().map(({ hello }) => hello.ticket), [false, false, true, true]);
    });
}
//# sourceMappingURL=keeps-routes-to-one-upstream-apart.test.js.map