import { gzipSync } from 'node:zlib';
import t from 'tap';
import { send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
t.test('D18 encoded bodies pass as they are', async (t) => {
    const body = gzipSync('hello'.repeat(1000));
    const { up, url } = await startPair(t, {
        handler: async (request, response, { finished }) => {
            request.resume();
            await finished;
            response.writeHead(200, ['Content-Encoding', 'gzip', 'Content-Type', 'text/plain', 'Vary', 'Accept-Encoding']);
            response.end(body);
        },
    });
    const reply = await send(url, {
        method: 'PUT',
        headers: ['Accept-Encoding', 'gzip;q=0.5, br', 'Content-Encoding', 'gzip', 'Content-Length', String(body.length)],
        body,
    });
    t.same(reply.body, body);
    t.match(reply.headers, { 'content-encoding': 'gzip', 'content-type': 'text/plain', vary: 'Accept-Encoding' });
    const record = up.requests.at(0);
    t.same(record.body, body);
    t.same(record.values('accept-encoding'), ['gzip;q=0.5, br']);
    t.same(record.values('content-encoding'), ['gzip']);
});
t.test('D18 nothing is asked for that the client did not ask for', async (t) => {
    const { up, url } = await startPair(t);
    await send(url);
    t.same(up.requests.at(0).values('accept-encoding'), []);
    t.same(up.requests.at(0).values('user-agent'), []);
});
//# sourceMappingURL=leaves-encodings-untouched.test.js.map