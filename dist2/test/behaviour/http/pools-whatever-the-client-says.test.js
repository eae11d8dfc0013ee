import { Agent } from 'node:http';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { answering, startPair, startRawPair } from '../../fixtures/pair.js';
t.test("D23/P a client's close ends its own connection only", async (t) => {
    const { up, url, logged } = await startPair(t);
    for (let n = 0; n < 3; n += 1) {
        const reply = await send(url, { headers: { Connection: 'close' } });
        t.equal(reply.headers.connection, 'close');
    }
    t.equal(up.connections.length, 1);
    t.match(await logged(0), { reused: false });
    t.match(await logged(2), { reused: true });
});
t.test("D23/Q an upstream's close ends its own connection only", async (t) => {
    const { up, proxy } = await startRawPair(t, answering('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'));
    const wire = await rawRequest(t, proxy.port, '');
    for (let n = 0; n < 3; n += 1) {
        await wire.write('GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
        t.match(await wire.head(), /\r\nConnection: keep-alive\r\n/);
        await wire.until('ok');
    }
    t.equal(up.connections.length, 3);
});
t.test('D23/Q the client keeps its connection', async (t) => {
    const { proxy, url } = await startPair(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    let ports = 0;
    agent.on('free', () => undefined);
    for (let n = 0; n < 3; n += 1) {
        const reply = await send(url, { agent });
        if (reply.headers.connection === 'keep-alive')
            ports += 1;
    }
    t.equal(ports, 3);
    t.ok(proxy.pid);
});
//# sourceMappingURL=pools-whatever-the-client-says.test.js.map