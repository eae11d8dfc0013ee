import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { startPair, startRawPair } from '../../fixtures/pair.js';
t.test('D19 D23/E fields keep their order, case and duplicates on the way there', async (t) => {
    const { up, url } = await startPair(t);
    const fields = [
        ['x-ONE', '1'],
        ['User-Agent', 'a'],
        ['ETag', '"1"'],
        ['Cookie', 'a=1'],
        ['X-two', ''],
        ['user-agent', 'b'],
        ['etag', '"2"'],
        ['X-One', '1, 2'],
        ['Cookie', 'b=2'],
        ['X-Latin', 'gr\xfc\xdfe'],
    ].flat();
    await send(url, { headers: ['HOST', 'localhost', ...fields] });
    const { rawHeaders } = up.requests.at(0);
    t.same(rawHeaders.slice(0, 2 + fields.length), ['HOST', new URL(up.url).host, ...fields]);
});
t.test('D19 D23/E and on the way back', async (t) => {
    const fields = [
        'x-ONE: 1',
        'Set-Cookie: a=1; Path=/; Secure',
        'date: Mon, 23 Nov 2026 10:00:00 GMT',
        'X-two: ',
        'sEt-cookie: b=2',
        'X-One: 1, 2',
        'ETag: "1"',
        'etag: "2"',
        'X-Latin: gr\xfc\xdfe',
        'Content-length: 0',
    ];
    const { proxy } = await startRawPair(t, async (connection) => {
        await connection.head();
        await connection.write(`HTTP/1.1 299 Fine \xfc\r\n${fields.join('\r\n')}\r\n\r\n`);
    });
    const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const lines = (await wire.head()).split('\r\n');
    t.same(lines.slice(0, fields.length + 1), ['HTTP/1.1 299 Fine \xfc', ...fields]);
});
t.test('D19 no field is lost because there are many', async (t) => {
    const { up, url } = await startRawPair(t, async (connection) => {
        await connection.until('\r\n0\r\n\r\n');
        await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const many = Array.from({ length: 2_500 }, () => ['a', '']).flat();
    const reply = await send(url, { method: 'POST', headers: [...many, 'Transfer-Encoding', 'chunked'], body: 'whole' });
    t.equal(reply.status, 200);
    t.match(up.connections.at(0).text(), /\r\nTransfer-Encoding: chunked\r\n/, 'the field that frames the message came last');
    t.match(up.connections.at(0).text(), /\r\n\r\n5\r\nwhole\r\n0\r\n\r\n$/);
});
t.test('D19 a response without a date gets one', async (t) => {
    const { url } = await startRawPair(t, async (connection) => {
        await connection.head();
        await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    t.match((await send(url)).headers, { date: /GMT$/ });
});
//# sourceMappingURL=keeps-order-case-and-duplicates-of-fields.test.js.map