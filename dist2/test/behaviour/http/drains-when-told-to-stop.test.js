import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { open, rawRequest, send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
/** Tries a request on a new connection. Whoever listens there by now may be another program: its answer is not looked at. */
async function knock(port) {
    const socket = connect({ port, host: '127.0.0.1' });
    const over = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined); // the refusal, which is what should come
    socket.write('GET /iot/late HTTP/1.1\r\nHost: localhost\r\n\r\n', () => socket.destroy());
    await over;
}
for (const signal of ['SIGTERM', 'SIGINT']) {
    t.test(`E11 ${signal} lets a running request finish, takes no new one, and exits 0`, async (t) => {
        let response;
        const { up, url, proxy } = await startPair(t, {
            handler: (_request, answer) => {
                response = answer;
                answer.write('begin');
            },
        });
        const idle = await rawRequest(t, proxy.port, '');
        const answer = await open(url).response;
        await once(answer, 'readable');
        const exit = proxy.stop(signal);
        t.match(await proxy.log.next('draining'), { inFlight: 1 });
        await idle.ended;
        await knock(proxy.port);
        response.end('-end');
        let text = '';
        for await (const chunk of answer)
            text += chunk;
        t.equal(text, 'begin-end');
        t.match(await exit, { code: 0, signal: null, stderr: '' });
        t.match(proxy.log.all('stopped'), [{ inFlight: 0 }]);
        t.match(proxy.log.all('request'), [{ status: 200, bytesOut: 9 }], 'its line is written');
        await up.connections.at(0).closed;
        t.equal(up.requests.length, 1, 'no new request was taken');
    });
}
t.test('E11 a client that keeps its connection does not hold up the end', async (t) => {
    const { url, proxy } = await startPair(t);
    const agent = new Agent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    await send(url, { agent });
    t.match(await proxy.stop(), { code: 0 });
});
t.test('E11 past `drain` what still runs is cut, and it exits 1', async (t) => {
    const { url, proxy } = await startPair(t, {
        config: { drain: '200ms' },
        handler: (_request, response) => {
            response.write('begin');
        },
    });
    const answer = await open(url).response;
    answer.resume();
    const cut = once(answer, 'end').catch((error) => error.code);
    t.match(await proxy.stop(), { code: 1, signal: null });
    t.equal(await cut, 'ECONNRESET');
    t.match(proxy.log.all('stopped'), [{ inFlight: 1 }]);
});
for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
]) {
    t.test(`E11 a second ${signal} ends it at once`, async (t) => {
        const { up, url, proxy } = await startPair(t, { config: { drain: '1h' }, handler: () => undefined });
        open(url);
        await up.requests.first();
        proxy.signal('SIGTERM');
        await proxy.log.next('draining');
        t.match(await proxy.stop(signal), { code, signal: null });
    });
}
//# sourceMappingURL=drains-when-told-to-stop.test.js.map