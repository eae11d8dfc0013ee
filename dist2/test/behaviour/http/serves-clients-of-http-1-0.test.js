import t from 'tap';
import { rawRequest } from '../../fixtures/client.js';
import { answering, startPair, startRawPair } from '../../fixtures/pair.js';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n';
const length = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
t.test('D20 a client of HTTP/1.0 gets a body that ends with the connection', async (t) => {
    for (const response of [chunked, length]) {
        const { up, proxy } = await startRawPair(t, answering(response));
        const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.0\r\nHost: localhost\r\n\r\n');
        t.equal(await wire.ended, 'end');
        const [head = '', body] = wire.text().split('\r\n\r\n');
        t.equal(body, 'hello');
        t.notMatch(head, /chunked|Trailer/i);
        t.match(head, /\r\nConnection: close/i);
        t.match(up.connections.at(0).text(), /^GET \/ HTTP\/1\.1\r\n/, "the upstream's connection has a version of its own");
    }
});
t.test('D20 with keep-alive, where the response has a length', async (t) => {
    const { up, proxy } = await startRawPair(t, answering(length));
    const request = 'GET /iot HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n';
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), /\r\nConnection: keep-alive\r\n/i);
    t.equal((await wire.until(5)).toString(), 'hello');
    await wire.write(request.replace('keep-alive', 'close'));
    t.equal(await wire.ended, 'end');
    t.match(wire.text(), /hello$/);
    t.equal(up.connections.length, 1);
});
t.test('D20 with keep-alive, where it has none', async (t) => {
    const { proxy } = await startRawPair(t, answering(chunked));
    const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    t.equal(await wire.ended, 'end');
    t.match(wire.text(), /\r\nConnection: close\r\n/i);
    t.match(wire.text(), /\r\n\r\nhello$/);
});
t.test('D20 with a body', async (t) => {
    const { up, proxy } = await startPair(t);
    const wire = await rawRequest(t, proxy.port, 'POST /iot HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello');
    t.equal(await wire.ended, 'end');
    t.match(up.requests.at(0), { method: 'POST', httpVersion: '1.1', bytes: 5 });
});
//# sourceMappingURL=serves-clients-of-http-1-0.test.js.map