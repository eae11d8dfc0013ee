import t from 'tap';
import { send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
t.test('D3 hop-by-hop fields end at the proxy, both ways', async (t) => {
    const { up, url } = await startPair(t, {
        handler: (_request, response) => {
            response.writeHead(200, [
                'Connection',
                'X-Answer-Hop, keep-alive',
                'X-Answer-Hop',
                'secret of one hop',
                'Keep-Alive',
                'timeout=7, max=3',
                'Proxy-Authenticate',
                'Basic',
                'Proxy-Authentication-Info',
                'nextnonce="x"',
                'Upgrade',
                'h2c',
                'X-Kept',
                'yes',
                'Content-Length',
                '2',
            ]);
            response.end('ok');
        },
    });
    const reply = await send(url, {
        headers: [
            'Connection',
            'X-Hop, close, TE',
            'X-Hop',
            '1',
            'x-hop',
            '2',
            'TE',
            'trailers',
            'Keep-Alive',
            'timeout=5',
            'Proxy-Connection',
            'keep-alive',
            'Proxy-Authorization',
            'Bearer t',
            'Upgrade',
            'h2c',
            'X-Kept',
            'yes',
        ],
    });
    t.equal(reply.text(), 'ok');
    const names = up.requests.at(0).rawHeaders.filter((_, index) => index % 2 === 0);
    t.same(names, ['Host', 'X-Kept', 'Via', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto']);
    const { headers } = reply;
    for (const name of ['x-answer-hop', 'proxy-authenticate', 'proxy-authentication-info', 'upgrade']) {
        t.notOk(name in headers, name);
    }
    t.notMatch(headers['keep-alive'] ?? '', 'timeout=7', "the upstream's Keep-Alive is about its own connection");
    t.match(headers, { 'x-kept': 'yes', via: '1.1 mtls-proxy' });
});
t.test('D3 Connection cannot take away what the message needs', async (t) => {
    const { up, url } = await startPair(t);
    await send(url, {
        method: 'POST',
        headers: ['Connection', 'Host, Content-Length, Authorization, X-Forwarded-For', 'Authorization', 'Basic eA=='],
        body: 'four',
    });
    const [seen] = up.requests;
    t.equal(seen?.body.toString(), 'four');
    t.same(seen?.values('authorization'), ['Basic eA==']);
    t.same(seen?.values('x-forwarded-for'), ['127.0.0.1']);
});
//# sourceMappingURL=keeps-hop-by-hop-fields-to-one-hop.test.js.map