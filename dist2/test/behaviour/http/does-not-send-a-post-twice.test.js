import t from 'tap';
import { send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
for (const how of ['reset', 'drop']) {
    t.test(`D14 a POST on a kept-alive connection that is gone (${how}) is 502, and was sent once`, async (t) => {
        const { up, url, logged } = await startPair(t, {
            handler: async (_request, response, record) => {
                if (record.nth === 0)
                    return response.end();
                await record.finished;
                return record.connection[how]();
            },
        });
        await send(url);
        const reply = await send(`${url}/pay`, { method: 'POST', body: 'once' });
        t.equal(reply.status, 502);
        t.match(reply.json(), { cause: 'stale-connection', detail: /replay/ });
        t.match(reply.headers['proxy-status'], /^mtls-proxy; error=connection_terminated; details="/);
        t.equal(up.requests.all().filter(({ method }) => method === 'POST').length, 1);
        t.match(await logged(1), { cause: 'stale-connection', replayed: false, reused: true, status: 502 });
    });
}
t.test('D14 unless the route says always', async (t) => {
    const { up, url } = await startPair(t, {
        route: { replay: 'always' },
        handler: async (_request, response, record) => {
            await record.finished;
            if (record.nth === 0)
                response.end();
            else
                record.connection.reset();
        },
    });
    await send(url);
    t.equal((await send(url, { method: 'POST', body: 'twice' })).status, 200);
    t.same(up.requests.all().map(({ method, body }) => [method, body.toString()]), [
        ['GET', ''],
        ['POST', 'twice'],
        ['POST', 'twice'],
    ]);
});
//# sourceMappingURL=does-not-send-a-post-twice.test.js.map