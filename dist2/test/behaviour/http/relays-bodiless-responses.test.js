import { once } from 'node:events';
import { Agent } from 'node:http';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { answering, startRawPair } from '../../fixtures/pair.js';
const next = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext';
/** Status and fields of a response that has no body whatever they say; the connections stay in use. */
const cases = [
    ['HEAD with a length', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 99', { 'content-length': '99' }],
    ['HEAD with chunked', 'HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-A', {}],
    ['HEAD without framing', 'HEAD', 'HTTP/1.1 200 OK\r\nX-A: b', { 'x-a': 'b', 'content-length': undefined }],
    ['204', 'GET', 'HTTP/1.1 204 No Content\r\nX-A: b', { 'x-a': 'b', 'transfer-encoding': undefined }],
    ['304 with a length', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99', { 'content-length': '99' }],
    ['304 with chunked', 'GET', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked', {}],
    ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"', { etag: '"a"', 'content-length': undefined }],
    ['a length of 0', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0', { 'content-length': '0' }],
];
t.test('D10 responses without a body', async (t) => {
    for (const [what, method, head, fields] of cases) {
        await t.test(`D10 ${what}`, async (t) => {
            const { up, url } = await startRawPair(t, answering(`${head}\r\n\r\n`, next));
            const agent = new Agent({ keepAlive: true, maxSockets: 1 });
            t.teardown(() => agent.destroy());
            const reply = await send(url, { method, agent });
            t.equal(reply.status, Number(head.slice(9, 12)));
            t.match(reply.headers, fields);
            t.equal(reply.body.length, 0);
            t.equal((await send(url, { agent })).text(), 'next', "the client's connection still is in step");
            t.equal(up.connections.length, 1, "and the upstream's");
        });
    }
});
t.test('D10 a 204 that announces a body does not leave it to the next request', async (t) => {
    const { up, url } = await startRawPair(t, answering('HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison', next));
    const reply = await send(url);
    t.match(reply, { status: 204, headers: { 'content-length': undefined } });
    t.equal(reply.body.length, 0);
    await up.connections.at(0).closed;
    t.match(await send(url), { status: 204 }, 'the second one is the first on its connection');
    t.equal(up.connections.length, 2);
});
t.test('D10 no byte follows the head of a response to HEAD', async (t) => {
    const { proxy } = await startRawPair(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'));
    const request = 'HEAD /iot HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const wire = await rawRequest(t, proxy.port, request);
    if (!wire.socket.readableEnded)
        await once(wire.socket, 'end');
    t.match(wire.text(), /Content-Length: 99\r\n/);
    t.match(wire.text(), /\r\n\r\n$/);
});
//# sourceMappingURL=relays-bodiless-responses.test.js.map