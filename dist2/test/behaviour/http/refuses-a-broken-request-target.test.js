import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
t.test('D23/N a request target that is no URL is 400, and the process lives', async (t) => {
    const { up, proxy, url } = await startPair(t);
    for (const target of [
        'http://[::1/',
        'http://[::1/iot',
        'http://',
        'http:///iot',
        'http://a@localhost/iot',
        'iot',
        '?iot',
    ]) {
        const wire = await rawRequest(t, proxy.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        t.match(await wire.head(), /^HTTP\/1\.1 400 /, target);
        await wire.ended;
    }
    t.equal(up.accepted, 0);
    t.equal((await send(url)).status, 200);
});
t.test('D23/N2 path and query go on byte for byte', async (t) => {
    const { up, proxy } = await startPair(t);
    const targets = [
        '//a',
        '/a//b',
        '/a\\b',
        '/%2F%2e',
        '/a%2fb?',
        '/"<>^`{|}',
        '/a?b=c?d&%zz=/../',
        '/.',
        '/a/../b',
        '/%C3%A9',
    ];
    const wire = await rawRequest(t, proxy.port, '');
    for (const target of targets) {
        const from = up.requests.length;
        await wire.write(`GET /iot${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        await wire.until(/"sha256":"\w+"\}/);
        t.equal(up.requests.at(from).target, target);
    }
});
t.test('D23/N2 a path that climbs out of its prefix is nobody’s', async (t) => {
    const { up, proxy } = await startPair(t);
    for (const target of [
        '/iot/..',
        '/iot/../other',
        '/iot/%2e%2e/other',
        '/iot/a/..%2f..%2fother',
        '/iot/..\\other',
        '/iotx',
    ]) {
        const wire = await rawRequest(t, proxy.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        t.match(await wire.head(), /^HTTP\/1\.1 404 /, target);
    }
    t.equal(up.accepted, 0);
});
//# sourceMappingURL=refuses-a-broken-request-target.test.js.map