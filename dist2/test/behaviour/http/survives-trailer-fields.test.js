import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { answering, startRawPair } from '../../fixtures/pair.js';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
t.test('D23/G a Trailer field on a request without a body', async (t) => {
    const { up, proxy, url } = await startRawPair(t, answering(ok));
    const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\nTrailer: X-A\r\n\r\n');
    await wire.until('ok');
    t.notMatch(up.connections.at(0).text(), /Trailer/i, 'announces nothing that cannot come');
    t.equal((await send(url)).text(), 'ok');
});
t.test('D23/G on one with a length', async (t) => {
    const { up, proxy } = await startRawPair(t, answering(ok));
    const request = 'POST /iot HTTP/1.1\r\nHost: localhost\r\nTrailer: X-A\r\nContent-Length: 2\r\n\r\nhi';
    const wire = await rawRequest(t, proxy.port, request);
    await wire.until('ok');
    t.notMatch(up.connections.at(0).text(), /Trailer/i);
});
t.test('D23/G3 a Trailer field on a response with a length', async (t) => {
    const { url } = await startRawPair(t, answering('HTTP/1.1 200 OK\r\nTrailer: X-A\r\nContent-Length: 2\r\n\r\nok'));
    for (let n = 0; n < 2; n += 1) {
        const reply = await send(url);
        t.equal(reply.text(), 'ok');
        t.notOk('trailer' in reply.headers);
    }
});
t.test('D23/G3 on one that ends with the connection', async (t) => {
    const { url } = await startRawPair(t, async (connection) => {
        await connection.head();
        connection.end('HTTP/1.1 200 OK\r\nTrailer: X-A\r\n\r\nok');
    });
    t.equal((await send(url)).text(), 'ok');
});
//# sourceMappingURL=survives-trailer-fields.test.js.map