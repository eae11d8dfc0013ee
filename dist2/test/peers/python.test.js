import t, {} from 'tap';
import { sha256 } from './app.js';
import { beside, last, run, startPlace } from './local.js';
async function urllib(t, method, url, input) {
    const options = input === undefined ? {} : { input };
    const { code, stdout, stderr } = await run('python3', ['-I', beside('client.py'), method, url], options);
    t.equal(code, 0, stderr);
    return JSON.parse(stdout);
}
t.test("Python's urllib as the local program", async (t) => {
    const { base, upstream } = await startPlace(t);
    await t.test('GET', async (t) => {
        const told = await urllib(t, 'GET', `${base}/devices?x=%2F`);
        t.match(told, { status: 200, reason: 'OK', type: 'application/json', cookies: ['a=1', 'b=2'], proxyStatus: null });
        t.match(JSON.parse(told.body), { client: 'client', method: 'GET', target: '/api/devices?x=%2F', bytes: 0 });
        t.match(last(upstream).values('user-agent'), [/^Python-urllib/]);
        t.same(last(upstream).values('x-name'), ['python']);
        t.same(last(upstream).values('connection'), []);
    });
    await t.test('GET of a chunked response', async (t) => {
        const told = await urllib(t, 'GET', `${base}/stream`);
        t.equal(told.status, 200);
        t.match(JSON.parse(told.body), { target: '/api/stream' });
    });
    await t.test('POST', async (t) => {
        const body = Buffer.alloc(1_000_000, 'a line of a body\n');
        const told = await urllib(t, 'POST', `${base}/upload`, body);
        t.equal(told.status, 200);
        t.match(JSON.parse(told.body), { method: 'POST', bytes: body.length, sha256: sha256(body) });
        t.same(last(upstream).values('content-length'), [String(body.length)]);
    });
    await t.test("the upstream's own error, and the proxy's", async (t) => {
        const missing = await urllib(t, 'GET', `${base}/missing`);
        t.match(missing, { status: 404, reason: 'Not Found', type: 'application/json', proxyStatus: null });
        t.match(JSON.parse(missing.body), { target: '/api/missing' });
        const refused = await urllib(t, 'POST', base.replace('/iot', '/refused'), Buffer.from('secret'));
        t.match(refused, { status: 502, type: 'application/problem+json', proxyStatus: /^mtls-proxy; error=/ });
        t.match(JSON.parse(refused.body), { cause: 'client-certificate', route: 'refused' });
        t.equal(last(upstream).target, '/api/missing', 'the refused request was not delivered');
    });
});
//# sourceMappingURL=python.test.js.map