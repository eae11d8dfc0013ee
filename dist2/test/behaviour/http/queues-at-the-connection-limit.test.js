import t from 'tap';
import { open, send } from '../../fixtures/client.js';
import { join, startPair, trusting } from '../../fixtures/pair.js';
import { startFront, startUpstream } from '../../fixtures/upstreams.js';
t.test('at `maxConnections` requests wait for one another', async (t) => {
    let running = 0;
    let most = 0;
    const { up, url, logged } = await startPair(t, {
        route: { pool: { maxConnections: 2 } },
        handler: async (_request, response) => {
            running += 1;
            most = Math.max(most, running);
            await new Promise((resolve) => setTimeout(resolve, 10));
            running -= 1;
            response.end('ok');
        },
    });
    const replies = await Promise.all(Array.from({ length: 12 }, () => send(url)));
    for (const reply of replies)
        t.equal(reply.text(), 'ok');
    t.equal(up.accepted, 2);
    t.equal(most, 2);
    await logged(11);
});
const oneConnection = { route: { pool: { maxConnections: 1 } }, tls: { versions: ['TLSv1.2'] } };
t.test('failed dials strand nobody in the queue', async (t) => {
    const up = await startUpstream(t, trusting);
    const front = await startFront(t, { to: up, decide: () => 'reset' });
    const { url } = await join(t, front, oneConnection);
    const replies = await Promise.all(Array.from({ length: 5 }, () => send(url)));
    for (const reply of replies)
        t.match(reply.json(), { status: 502, cause: 'tls-version' });
    t.ok(front.connections.length <= 5);
});
t.test('whoever waits behind a failed dial gets the next', async (t) => {
    const up = await startUpstream(t, trusting);
    const front = await startFront(t, { to: up, decide: (_hello, n) => (n === 0 ? 'reset' : 'pass') });
    const { url } = await join(t, front, oneConnection);
    const mixed = await Promise.all(Array.from({ length: 5 }, () => send(url, { method: 'POST' })));
    t.same(mixed.map(({ status }) => status).sort(), [200, 200, 200, 200, 502]);
});
t.test('a connection that ends makes room', async (t) => {
    const { up, url } = await startPair(t, {
        route: { pool: { maxConnections: 1 } },
        handler: (_request, response, { connection }) => {
            if (connection.n > 0)
                response.end('ok');
        },
    });
    const hung = open(url);
    await up.requests.first();
    const others = [send(url), send(url)];
    hung.request.destroy();
    for (const reply of await Promise.all(others))
        t.equal(reply.text(), 'ok');
    t.equal(up.accepted, 2);
});
t.test('a waiter that leaves takes no connection with it', async (t) => {
    const { up, url } = await startPair(t, { route: { pool: { maxConnections: 1 } }, handler: () => undefined });
    const hung = open(url);
    const record = await up.requests.first();
    const leaving = open(`${url}/leaving`);
    const staying = send(`${url}/staying`);
    leaving.request.destroy();
    up.handler = (_request, response) => response.end('ok');
    hung.request.destroy();
    await record.connection.closed;
    t.equal((await staying).text(), 'ok');
});
//# sourceMappingURL=queues-at-the-connection-limit.test.js.map