import t from 'tap';
import { send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
for (const version of ['TLSv1.3', 'TLSv1.2']) {
    t.test(`A29 keepAlive: false, a handshake for every request, resumed (${version})`, async (t) => {
        const { up, url, logged, proxy } = await startPair(t, {
            route: { pool: { keepAlive: false } },
            tls: { versions: [version] },
        });
        for (let n = 0; n < 4; n += 1) {
            t.equal((await send(url)).status, 200);
            await up.connections.at(n).closed;
            t.match(await logged(n), { reused: false, protocol: version });
        }
        t.equal(up.connections.length, 4);
        t.notOk(up.connections.at(0).resumed);
        t.ok(up.connections.at(1).resumed, 'later ones too, where a ticket is left');
        t.equal(proxy.log.all('handshake').length, 4);
    });
}
t.test('A29 keepAlive: false and resume: false', async (t) => {
    const { up, url } = await startPair(t, { route: { pool: { keepAlive: false } }, tls: { resume: false } });
    for (let n = 0; n < 3; n += 1)
        t.equal((await send(url)).status, 200);
    t.same(up.connections.all().map(({ resumed }) => resumed), [false, false, false]);
});
//# sourceMappingURL=makes-a-handshake-for-every-request.test.js.map