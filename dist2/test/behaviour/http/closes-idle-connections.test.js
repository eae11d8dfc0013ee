import t from 'tap';
import { send } from '../../fixtures/client.js';
import { answering, startPair, startRawPair } from '../../fixtures/pair.js';
t.test('an idle connection is closed after `idleTimeout`', async (t) => {
    const { up, url } = await startPair(t, { route: { pool: { idleTimeout: '300ms' } } });
    await send(url);
    await up.connections.at(0).closed;
    t.pass('by the proxy, the upstream keeps it for 5 s');
    await send(url);
    t.equal(up.connections.length, 2);
});
t.test("the server's `Keep-Alive: timeout` is respected", async (t) => {
    const response = (hint) => `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: ${hint}\r\nContent-Length: 2\r\n\r\nok`;
    const { up, url } = await startRawPair(t, answering(response('max=5, timeout=1')));
    await send(url);
    await up.connections.at(0).ended;
    t.pass('with a margin of a second: at once');
    await send(url);
    t.equal(up.connections.length, 2);
    up.script = answering(response('timeout=2'));
    await up.connections.at(1).ended;
    await send(url);
    await send(url);
    t.equal(up.connections.length, 3, 'used again within the time');
    await up.connections.at(2).ended;
    t.pass('and closed before the server does');
});
t.test('a longer hint does not prolong `idleTimeout`', async (t) => {
    const { up, url } = await startRawPair(t, answering('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=600\r\nContent-Length: 2\r\n\r\nok'), { route: { pool: { idleTimeout: '300ms' } } });
    await send(url);
    await up.connections.at(0).ended;
    t.pass();
});
//# sourceMappingURL=closes-idle-connections.test.js.map