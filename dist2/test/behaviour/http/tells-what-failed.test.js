import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { answering, join, startPair, startRawPair } from '../../fixtures/pair.js';
/** What every problem document and its fields have in common. */
function checkProblem(t, reply, wanted) {
    const { error, ...document } = wanted;
    t.match(reply, { status: document.status });
    t.match(reply.headers, {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'proxy-status': new RegExp(`^mtls-proxy; error=${error}; details="[^"]+"$`),
    });
    t.match(reply.json(), {
        type: new RegExp(`/docs/problems\\.md#${document.cause}$`),
        title: /^[A-Z]/,
        detail: /^\S.{20,}/,
        attempts: Array,
        ...document,
    });
}
/** A port on which nothing listens. */
async function closedPort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}
t.test('A11 refused', async (t) => {
    const port = await closedPort();
    const { url, logged } = await join(t, { url: `https://127.0.0.1:${port}` });
    for (const method of ['GET', 'POST']) {
        const reply = await send(url, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
        checkProblem(t, reply, {
            error: 'connection_refused',
            cause: 'refused',
            status: 502,
            route: 'iot',
            upstream: `127.0.0.1:${port}`,
        });
        t.match(reply.json().attempts, [{ outcome: 'refused', code: 'ECONNREFUSED', ms: Number }]);
    }
    t.match(await logged(), { cause: 'refused', status: 502, attempts: 1 });
});
t.test('A11 dns', async (t) => {
    const { url } = await join(t, { url: 'https://nowhere.invalid:8443' });
    checkProblem(t, await send(url), {
        error: 'dns_error',
        cause: 'dns',
        status: 502,
        upstream: 'nowhere.invalid:8443',
    });
});
t.test('server-fault', async (t) => {
    // In TLS 1.3 a reset before the first ticket may as well be about our certificate: only a POST waits for that to be clear.
    for (const [version, method] of [
        ['TLSv1.3', 'POST'],
        ['TLSv1.2', 'POST'],
        ['TLSv1.2', 'GET'],
    ]) {
        for (const how of ['reset', 'drop', 'end']) {
            const { up, url } = await startRawPair(t, async (connection) => {
                await connection.head();
                connection[how]();
            }, { tls: { versions: [version] } });
            const reply = await send(url, { method: `${method}` });
            checkProblem(t, reply, { error: 'connection_terminated', cause: 'server-fault', status: 502 });
            t.equal(up.connections.length, 1, 'a fresh connection: not sent again');
        }
    }
});
t.test('bad-response', async (t) => {
    const { url } = await startRawPair(t, answering('220 mail.test ESMTP\r\n'));
    checkProblem(t, await send(url), { error: 'http_protocol_error', cause: 'bad-response', status: 502 });
});
t.test('no-route', async (t) => {
    const { up, proxy } = await startPair(t);
    const reply = await send(`${proxy.url}/nowhere`, { method: 'POST', body: 'x'.repeat(100_000) });
    checkProblem(t, reply, {
        error: 'destination_not_found',
        cause: 'no-route',
        status: 404,
        detail: /\biot \(path \/iot\)/,
    });
    t.equal(up.accepted, 0);
});
t.test('bad-request: a head over the limit', async (t) => {
    const { up, proxy, url } = await startPair(t);
    for (const size of [17 * 1024, 300 * 1024]) {
        const wire = await rawRequest(t, proxy.port, `GET /iot HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(size)}\r\n\r\n`);
        const head = await wire.head();
        t.match(head, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
        t.match(head, /\r\nProxy-Status: mtls-proxy; error=http_request_error; details="[^"]+"\r\n/);
        t.match(JSON.parse((await wire.until('}\n')).toString()), {
            cause: 'bad-request',
            status: 431,
            detail: /limits\.header/,
        });
        wire.end();
        await wire.ended;
    }
    t.equal(up.accepted, 0);
    const reply = await send(url, { headers: { X: 'x'.repeat(15 * 1024) } });
    t.equal(reply.status, 200, 'below it');
});
t.test('bad-request: no HTTP', async (t) => {
    const { proxy } = await startPair(t);
    const wire = await rawRequest(t, proxy.port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    const head = await wire.head();
    t.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
    t.match(head, /\r\nConnection: close\r\n/);
});
//# sourceMappingURL=tells-what-failed.test.js.map