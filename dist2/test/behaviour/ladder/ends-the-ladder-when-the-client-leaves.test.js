import t from 'tap';
import { open, send } from '../../fixtures/client.js';
import { offers, scene, seen, tell, until12 } from '../../fixtures/ladder.js';
import { deferred } from '../../fixtures/wire.js';
const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
const tls = { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 };
t.test('A26 a client that leaves ends the ladder', async (t) => {
    const answer = deferred();
    const { up, front, proxy, ask } = await scene(t, { decide: () => answer.promise, server: until12, tls });
    const { request } = open(`${proxy.url}/iot/left`, { method: 'POST', body: 'secret' });
    const hello = await front.hellos.first();
    request.destroy();
    const line = await proxy.log.next('request');
    t.match(line, { route: 'iot', path: '/iot/left', status: 0, aborted: true });
    t.equal(line.protocol, undefined);
    await hello.closed;
    answer.resolve('reset');
    front.decide = () => 'pass';
    t.equal((await ask()).reply.status, 200);
    t.same(seen(front), [ladder[0], ladder[0]], 'no further attempt was made for the first');
    t.same(up.requests.all().map(({ target }) => target), ['/x']);
});
t.test('A26 a ladder that others wait for goes on', async (t) => {
    const answer = deferred();
    const { up, front, proxy } = await scene(t, {
        decide: ({ versions }) => (versions.includes('TLSv1.3') ? answer.promise : 'pass'),
        server: until12,
        tls,
    });
    const leaving = open(`${proxy.url}/iot/left`);
    await front.hellos.first();
    const staying = send(`${proxy.url}/iot/stayed`);
    // A request to no route, on a connection opened after it, is answered once the proxy has taken both.
    t.equal((await send(`${proxy.url}/none`)).status, 404);
    leaving.request.destroy();
    await proxy.log.next(({ path }) => path === '/iot/left');
    answer.resolve('reset');
    t.equal((await staying).status, 200);
    await proxy.log.next(({ path }) => path === '/iot/stayed');
    t.same(seen(front), ladder);
    t.same(proxy.log.all('handshake').map(({ attempts }) => tell(attempts).length), [ladder.length]);
    t.same(up.requests.all().map(({ target }) => target), ['/stayed']);
});
//# sourceMappingURL=ends-the-ladder-when-the-client-leaves.test.js.map