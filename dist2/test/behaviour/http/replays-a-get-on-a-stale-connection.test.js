import t from 'tap';
import { send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
/** An upstream that answers the first request of a connection and ends the connection, without a word, on the second. */
function dying(how) {
    return {
        handler: async (request, response, record) => {
            request.resume();
            await record.finished;
            if (record.nth > 0)
                record.connection[how]();
            else
                response.end(`${record.connection.n}`);
        },
    };
}
for (const how of ['reset', 'drop']) {
    t.test(`D13 a GET on a kept-alive connection that is gone (${how}) is sent once more`, async (t) => {
        const { up, url, logged } = await startPair(t, dying(how));
        t.equal((await send(`${url}/a`)).text(), '0');
        t.equal((await send(`${url}/b?x=1`)).text(), '1');
        t.same(up.requests.all().map(({ target, connection }) => [target, connection.n]), [
            ['/a', 0],
            ['/b?x=1', 0],
            ['/b?x=1', 1],
        ]);
        t.match(await logged(0), { replayed: false, reused: false });
        t.match(await logged(1), { replayed: true, reused: false, status: 200 });
    });
}
t.test('D13 a body that is still held goes along', async (t) => {
    const { up, url } = await startPair(t, dying('reset'));
    await send(url);
    for (const headers of [[], ['Transfer-Encoding', 'chunked']]) {
        const reply = await send(url, { method: 'PUT', headers, body: 'x'.repeat(60_000) });
        t.equal(reply.status, 200);
        t.match(up.requests.at(-1), { method: 'PUT', bytes: 60_000, complete: true, nth: 0 });
    }
});
t.test('D13 a body that is no longer held does not', async (t) => {
    const { up, url } = await startPair(t, dying('drop'));
    await send(url);
    const reply = await send(url, { method: 'PUT', body: Buffer.alloc(70_000) });
    t.match(reply.json(), { cause: 'stale-connection' });
    t.equal(up.requests.length, 2);
});
t.test('D13 not twice', async (t) => {
    let answered = false;
    const { up, url } = await startPair(t, {
        handler: (_request, response, { connection }) => {
            if (answered)
                return connection.reset();
            answered = true;
            return response.end();
        },
    });
    await send(url);
    t.match((await send(url)).json(), { cause: 'server-fault' }, 'the second connection was fresh');
    t.equal(up.requests.length, 3);
});
t.test('D13 not where the route says never', async (t) => {
    const { up, url } = await startPair(t, { ...dying('reset'), route: { replay: 'never' } });
    await send(url);
    t.match((await send(url)).json(), { cause: 'stale-connection' });
    t.equal(up.requests.length, 2);
});
t.test('D13 not after the first byte of a response', async (t) => {
    const { up, url } = await startPair(t, {
        handler: (_request, response, { nth, connection }) => {
            if (nth === 0)
                response.end();
            else
                connection.socket.end('HTTP/1.1 2');
        },
    });
    await send(url);
    t.match((await send(url)).json(), { cause: 'bad-response' });
    t.equal(up.requests.length, 2);
});
//# sourceMappingURL=replays-a-get-on-a-stale-connection.test.js.map