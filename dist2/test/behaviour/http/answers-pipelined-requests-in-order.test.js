import t from 'tap';
import { rawRequest } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
const request = (method, path, rest = '\r\n') => `${method} /iot${path} HTTP/1.1\r\nHost: localhost\r\n${rest}`;
t.test('D21 pipelined requests are answered in order, and begun one after the other', async (t) => {
    const { up, proxy } = await startPair(t, {
        handler: async (incoming, response, record) => {
            incoming.resume();
            await record.finished;
            running += 1;
            most = Math.max(most, running);
            // The next one has every chance to come: it has been on the wire since the first one was.
            await new Promise((resolve) => setTimeout(resolve, 20));
            running -= 1;
            response.end(`${record.method} ${record.target} ${record.body};`);
        },
    });
    let running = 0;
    let most = 0;
    const all = request('POST', '/1', 'Content-Length: 3\r\n\r\none') +
        request('GET', '/2') +
        request('PUT', '/3', 'Transfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n') +
        request('GET', '/4', 'Connection: close\r\n\r\n');
    const wire = await rawRequest(t, proxy.port, all);
    t.equal(await wire.ended, 'end');
    t.same(wire.text().match(/[A-Z]+ \/\d \w*;/g), ['POST /1 one;', 'GET /2 ;', 'PUT /3 three;', 'GET /4 ;']);
    t.equal(most, 1, 'a request that is not safe is over before the next one begins');
    t.equal(up.connections.length, 1);
});
t.test('D21 a pipelined request whose client left before its turn is never sent', async (t) => {
    const { up, proxy, logged } = await startPair(t, { handler: () => undefined });
    const wire = await rawRequest(t, proxy.port, request('GET', '/1') + request('POST', '/2', 'Content-Length: 0\r\n\r\n'));
    const { connection } = await up.requests.first();
    wire.reset();
    await connection.closed;
    await logged();
    t.equal(up.requests.length, 1);
    t.equal(up.connections.length, 1);
});
t.test('D21 what follows a close is not served', async (t) => {
    const { up, proxy } = await startPair(t);
    const wire = await rawRequest(t, proxy.port, request('GET', '/1', 'Connection: close\r\n\r\n') + request('GET', '/2'));
    await wire.ended;
    t.equal(up.requests.length, 1);
    t.equal(wire.text().match(/HTTP\/1\.1 200/g)?.length, 1);
});
t.test('D21 garbage behind a request neither takes the place of its response nor breaks it', async (t) => {
    const { up, proxy } = await startPair(t, {
        handler: (_request, response) => {
            response.writeHead(200, { 'Content-Length': '10' });
            response.write('begin');
            end = () => response.end('-end.');
        },
    });
    let end = () => undefined;
    const wire = await rawRequest(t, proxy.port, request('GET', '/1'));
    await wire.until('begin');
    await wire.write('\0garbage\r\n\r\n');
    end();
    t.equal(await wire.ended, 'end');
    // It may have been seen only behind the response: then it is answered by itself.
    t.match(wire.text(), /\r\n\r\nbegin-end\.(?:$|HTTP\/1\.1 400 )/);
    const early = await rawRequest(t, proxy.port, `${request('GET', '/2')}\0garbage\r\n\r\n`);
    await early.until('begin');
    end();
    t.equal(await early.ended, 'end');
    t.match(early.text(), /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\nbegin-end\.$/);
    t.equal(up.requests.length, 2);
});
t.test('D21 a body that breaks its framing ends the request, before and within the response', async (t) => {
    const { up, proxy } = await startPair(t, { handler: (incoming) => incoming.resume() });
    const chunked = request('POST', '/1', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    const wire = await rawRequest(t, proxy.port, chunked);
    const first = await up.requests.first();
    await wire.write('no size\r\n');
    t.match(await wire.head(), /^HTTP\/1\.1 400 /);
    await first.connection.closed;
    t.notOk(first.complete);
    up.handler = (_request, response) => void response.write('begin');
    const other = await rawRequest(t, proxy.port, chunked.replace('/1', '/2'));
    await other.until('begin');
    await other.write('no size\r\n');
    await other.ended;
    t.match(other.text(), /\r\nbegin\r\n$/, 'nothing was written into the body');
    await up.connections.at(-1).closed;
});
//# sourceMappingURL=answers-pipelined-requests-in-order.test.js.map