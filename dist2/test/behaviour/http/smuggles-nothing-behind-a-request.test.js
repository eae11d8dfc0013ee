import t from 'tap';
import { rawRequest } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
const evil = 'GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n';
const chunked = `Transfer-Encoding: chunked\r\n\r\n${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`;
t.test('D23/A the body of any method stays a body', async (t) => {
    const { up, proxy } = await startPair(t);
    const wire = await rawRequest(t, proxy.port, '');
    for (const method of ['DELETE', 'OPTIONS', 'GET', 'PROPFIND']) {
        for (const rest of [chunked, `Content-Length: ${evil.length}\r\n\r\n${evil}`]) {
            const from = up.requests.length;
            await wire.write(`${method} /iot HTTP/1.1\r\nHost: localhost\r\n${rest}`);
            await wire.until(/"sha256":"\w+"\}/);
            t.match(up.requests.at(from), { method, target: '/', bytes: evil.length, complete: true });
            t.equal(up.requests.length, from + 1);
        }
    }
    t.equal(up.connections.length, 1, 'over a kept connection, where it would be the next request');
});
const ambiguous = [
    ['a length and chunked', `Content-Length: 4\r\n${chunked}`],
    ['chunked and a length', `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${evil}`],
    ['two lengths', `Content-Length: 4\r\nContent-Length: 5\r\n\r\nhello${evil}`],
    ['an unknown coding', `Transfer-Encoding: gzip\r\n\r\n${evil}`],
    ['a coding before chunked', `Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunked twice', `Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
    ['a negative length', `Content-Length: -1\r\n\r\n`],
    ['a huge length', `Content-Length: 99999999999999999999\r\n\r\n`],
    ['white space before the colon', `Content-Length : 4\r\n\r\nevil`],
    ['a folded field', `X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a bare CR', `X-A: b\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
];
t.test('D7 D23/O ambiguous framing of a request is 400, and the connection is closed', async (t) => {
    const { up, proxy } = await startPair(t);
    for (const [what, rest] of ambiguous) {
        const wire = await rawRequest(t, proxy.port, `POST /iot HTTP/1.1\r\nHost: localhost\r\n${rest}`);
        t.match(await wire.head(), /^HTTP\/1\.1 400 [^\r]*\r\nContent-Type: application\/problem\+json\r\n/, what);
        await wire.until('\n');
        wire.end();
        await wire.ended;
        t.notMatch(wire.text().slice(1), /HTTP\/1\.1 [1-5]\d\d /, `${what}: one answer`);
    }
    t.notOk(up.requests.all().some(({ target }) => /evil/.test(target)));
    t.equal(up.requests.all().filter(({ complete }) => complete).length, 0, 'nothing of it went upstream as a whole request');
});
//# sourceMappingURL=smuggles-nothing-behind-a-request.test.js.map