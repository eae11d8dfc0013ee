import t from 'tap';
import { send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
const secret = 'hunter2';
t.test('one `request` line a request, with every field', async (t) => {
    const { url, logged, proxy } = await startPair(t, {
        handler: async (request, response, { finished }) => {
            request.resume();
            await finished;
            response.writeHead(201, { 'Set-Cookie': `id=${secret}`, Location: `/x?token=${secret}` });
            response.end('created');
        },
        tls: { versions: ['TLSv1.2'] },
    });
    await send(`${url}/things?token=${secret}`, { method: 'POST', body: 'four' });
    await send(url);
    const line = await logged(0);
    t.match(line, {
        level: 30,
        msg: 'request',
        route: 'iot',
        method: 'POST',
        path: '/iot/things',
        status: 201,
        ms: Number,
        bytesIn: 4,
        bytesOut: 7,
        reused: false,
        protocol: 'TLSv1.2',
        cipher: /^TLS_/,
        attempts: 1,
        replayed: false,
    });
    t.notOk('cause' in line);
    t.match(await logged(1), { reused: true, protocol: 'TLSv1.2', bytesIn: 0, attempts: Number });
    t.equal(proxy.log.all('request').length, 2);
});
t.test('no query, no credentials and no cookies anywhere in the log', async (t) => {
    const { url, proxy, up, logged } = await startPair(t, {
        handler: (_request, response) => response.writeHead(200, { 'Set-Cookie': `id=${secret}` }).end(),
        config: { log: { level: 'trace' } },
        route: { timeouts: { response: '100ms' } },
    });
    const headers = {
        Authorization: `Bearer ${secret}`,
        'Proxy-Authorization': `Basic ${secret}`,
        Cookie: `id=${secret}`,
        'X-Api-Key': secret,
    };
    const body = secret;
    await send(`${url}/a?k=${secret}`, { method: 'POST', headers, body });
    await send(`${proxy.url}/nowhere?k=${secret}`, { headers });
    await send(url, { target: `http://localhost/iot?k=${secret}`, headers: { ...headers, Host: 'localhost' } });
    await send(url, { headers: { ...headers, Host: `${secret}.example` } });
    up.handler = () => undefined;
    await send(`${url}?k=${secret}`, { headers });
    t.match(await logged(4), { status: 504 });
    const { stdout, stderr } = await proxy.stop();
    t.notMatch(stdout + stderr, secret);
    t.same(proxy.log.other, [], 'every line is JSON');
});
//# sourceMappingURL=logs-each-request-without-secrets.test.js.map