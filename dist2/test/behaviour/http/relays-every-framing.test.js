import { Agent } from 'node:http';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { answering, startPair, startRawPair } from '../../fixtures/pair.js';
/** Bytes of requests behind the request line and Host, and how they arrive. */
const requests = [
    ['no body', 'GET', '\r\n', { bytes: 0 }],
    ['a length of 0', 'POST', 'Content-Length: 0\r\n\r\n', { bytes: 0 }],
    ['a length', 'POST', 'Content-Length: 5\r\n\r\nhello', { bytes: 5 }],
    ['a length on GET', 'GET', 'Content-Length: 5\r\n\r\nhello', { bytes: 5 }],
    ['chunks', 'POST', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', { bytes: 5 }],
    ['no chunk', 'POST', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', { bytes: 0 }],
    ['extensions', 'POST', 'Transfer-Encoding: chunked\r\n\r\n05;a=b\r\nhello\r\n0;c\r\n\r\n', { bytes: 5 }],
    [
        'trailers',
        'POST',
        'Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\nHost: evil\r\n\r\n',
        { bytes: 5, rawTrailers: ['X-Sum', '7'] },
    ],
];
t.test('RFC 9112 section 6: the framings of requests', async (t) => {
    const { up, proxy } = await startPair(t);
    const wire = await rawRequest(t, proxy.port, '');
    for (const [what, method, rest, seen] of requests) {
        const from = up.requests.length;
        await wire.write(`${method} /iot HTTP/1.1\r\nHost: localhost\r\n${rest}`);
        t.match(await wire.head(), /^HTTP\/1\.1 200 /, what);
        await wire.until(/\}\r\n0\r\n\r\n|"\}$/);
        t.match(up.requests.at(from), { method, complete: true, ...seen }, what);
        t.equal(up.requests.length, from + 1);
    }
    t.equal(up.connections.length, 1, 'all over one connection');
});
const responses = [
    ['a length', '1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello', true],
    ['a length of 0', '1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', true],
    ['chunks', '1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'hello', true],
    ['no chunk', '1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '', true],
    ['extensions', '1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b"\r\nhello\r\n0\r\n\r\n', 'hello', true],
    ['upper case', '1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\nA\r\nhellohello\r\n0\r\n\r\n', 'hellohello', true],
    ['a last close', '1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello', 'hello', false],
    ['HTTP/1.0', '1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello', false],
    ['HTTP/1.0, kept', '1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello', 'hello', true],
];
t.test('RFC 9112 section 6: the framings of responses', async (t) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    const { up, url } = await startRawPair(t, answering(''));
    for (const [what, bytes, body, kept] of responses) {
        up.script = answering(`HTTP/${bytes}`);
        const from = up.connections.length;
        for (let n = 0; n < 2; n += 1) {
            const reply = await send(url, { agent });
            t.equal(reply.text(), body, what);
            t.equal(reply.httpVersion, '1.1');
        }
        t.equal(up.connections.length, from + (kept ? 1 : 2), `${what}: ${kept ? 'kept' : 'given up'}`);
        // The next case needs a connection with its own script.
        const last = up.connections.at(-1);
        last.end();
        await last.ended;
    }
});
t.test('RFC 9112 section 6.3: a response that ends with the connection', async (t) => {
    for (const version of ['1.0', '1.1']) {
        const { url } = await startRawPair(t, async (connection) => {
            await connection.head();
            connection.end(`HTTP/${version} 200 OK\r\n\r\nhello`);
        });
        const reply = await send(url);
        t.equal(reply.text(), 'hello');
        t.equal(reply.headers['transfer-encoding'], 'chunked', 'the client can tell its end from a cut');
    }
});
t.test('RFC 9112 section 6.5 and D9: trailers of a response', async (t) => {
    const { url } = await startRawPair(t, answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n1\r\na\r\n0\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=b\r\n\r\n'));
    const reply = await send(url);
    t.same(reply.rawTrailers, ['X-A', '1', 'x-a', '2'], 'without what cannot come behind a body');
    t.equal(reply.headers.trailer, 'X-A');
});
t.test('a response comes in the smallest pieces', async (t) => {
    const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: b\r\n\r\n';
    const { url } = await startRawPair(t, async (connection) => {
        connection.socket.setNoDelay(true);
        await connection.head();
        for (const byte of bytes)
            await connection.write(byte);
    });
    const reply = await send(url);
    t.equal(reply.text(), 'hello');
    t.same(reply.rawTrailers, ['X-A', 'b']);
});
//# sourceMappingURL=relays-every-framing.test.js.map