import { PassThrough } from 'node:stream';
import t from 'tap';
import { open, rawRequest } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
for (const [framing, start, rest] of [
    ['Transfer-Encoding: chunked', '5\r\nbegin\r\n', '4\r\nrest\r\n0\r\n\r\n'],
    ['Content-Length: 9', 'begin', 'rest'],
]) {
    t.test(`D24 a response before the request body ended (${framing})`, async (t) => {
        const { up, proxy } = await startPair(t, {
            handler: (request, response) => {
                request.once('data', () => response.writeHead(413, { 'Content-Length': '8' }).end('too much'));
            },
        });
        const post = `POST /iot HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${start}`;
        const wire = await rawRequest(t, proxy.port, post);
        t.match(await wire.head(), /^HTTP\/1\.1 413 /);
        t.equal((await wire.until(8)).toString(), 'too much');
        await up.connections.at(0).closed;
        t.pass('the connection, in the middle of a request, is not used again');
        up.handler = (_request, response) => response.end('next');
        await wire.write(`${rest}GET /iot/next HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        await wire.until('next');
        t.same(up.requests.all().map(({ target }) => target), ['/', '/next'], 'the rest of the body is no request');
    });
}
t.test('D24 request and response at the same time', async (t) => {
    const { url } = await startPair(t, {
        handler: (request, response) => {
            request.pipe(response);
        },
    });
    const body = new PassThrough();
    const { response } = open(url, { method: 'POST', headers: ['Transfer-Encoding', 'chunked'], body });
    body.write('ping');
    const answer = await response;
    const chunks = answer[Symbol.asyncIterator]();
    t.equal(String((await chunks.next()).value), 'ping');
    body.write('pong');
    t.equal(String((await chunks.next()).value), 'pong');
    body.end();
    t.ok((await chunks.next()).done);
});
//# sourceMappingURL=passes-on-an-early-response.test.js.map