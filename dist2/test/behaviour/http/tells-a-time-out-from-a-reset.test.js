import { once } from 'node:events';
import t from 'tap';
import { open, send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
t.test('D23/L an upstream that does not answer is 504, and freed', async (t) => {
    const { up, url, logged } = await startPair(t, {
        route: { timeouts: { response: '100ms' } },
        handler: () => undefined,
    });
    const reply = await send(`${url}/slow`, { method: 'POST', body: 'x' });
    t.equal(reply.status, 504);
    t.match(reply.json(), { cause: 'timeout', status: 504, route: 'iot', detail: /`timeouts\.response`/ });
    t.match(reply.headers['proxy-status'], /^mtls-proxy; error=http_response_timeout; details="/);
    await up.connections.at(0).closed;
    t.match(await logged(), { status: 504, cause: 'timeout' });
});
t.test('D23/L an upstream that resets is not', async (t) => {
    const { url } = await startPair(t, { handler: (_request, _response, { connection }) => connection.reset() });
    const reply = await send(url, { method: 'POST' });
    t.match(reply.json(), { cause: 'server-fault', status: 502 });
});
t.test('D23/L2 a body that stands still is cut', async (t) => {
    const { up, url, logged } = await startPair(t, {
        route: { timeouts: { idle: '200ms' } },
        handler: (_request, response) => {
            response.write('begin');
        },
    });
    const answer = await open(url).response;
    const [begin] = (await once(answer, 'data'));
    t.equal(begin.toString(), 'begin');
    await t.rejects(once(answer, 'end'), { code: 'ECONNRESET' });
    await up.connections.at(0).closed;
    t.match(await logged(), { status: 200, cause: 'timeout', aborted: true });
});
t.test('D23/L2 one that moves, however slowly, is not', async (t) => {
    const { url } = await startPair(t, {
        route: { timeouts: { response: '1s', idle: '2s' } },
        handler: async (_request, response) => {
            for (let n = 0; n < 6; n += 1) {
                response.write('.');
                await new Promise((resolve) => setTimeout(resolve, 400));
            }
            response.end();
        },
    });
    t.equal((await send(url)).text(), '......');
});
//# sourceMappingURL=tells-a-time-out-from-a-reset.test.js.map