import { once } from 'node:events';
import { createServer } from 'node:http';
import t from 'tap';
import { failures, ProxyError } from '../../src/errors.js';
import { problem, proxyStatus, respond } from '../../src/proxy/respond.js';
import { send } from '../fixtures/client.js';
const attempts = [{ offer: 'TLSv1.3', outcome: 'alert', code: 'ERR_SSL_X', alert: 48, ms: 3 }];
async function serve(t, answer) {
    const server = createServer((_request, response) => answer(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
}
t.test('a problem document', async (t) => {
    let written = 0;
    const url = await serve(t, (response) => {
        const error = new ProxyError('client-certificate', 'ünknown "CA"', { attempts });
        written = respond(response, error, { route: 'iot', upstream: 'device.test:443' });
    });
    const reply = await send(url);
    t.match(reply, {
        status: 502,
        headers: {
            'content-type': 'application/problem+json',
            'cache-control': 'no-store',
            'proxy-status': 'mtls-proxy; error=tls_alert_received; alert-id=48; details="?nknown \\"CA\\""',
        },
    });
    t.equal(reply.body.length, written);
    t.same(reply.json(), {
        type: 'https://github.com/local-mtls-proxy/local-mtls-proxy/blob/main/docs/problems.md#client-certificate',
        title: 'The upstream did not accept our client certificate',
        status: 502,
        detail: 'ünknown "CA"',
        route: 'iot',
        cause: 'client-certificate',
        upstream: 'device.test:443',
        attempts,
    });
});
t.test('a response that has begun is cut short', async (t) => {
    const url = await serve(t, (response) => {
        response.writeHead(200, { 'Content-Length': 10 });
        response.write('abc', () => t.equal(respond(response, new ProxyError('timeout', 'late')), 0));
    });
    await t.rejects(send(url), { message: /cut short after 3 bytes/ });
});
t.test('every cause has its type, its status and its anchor', async (t) => {
    for (const code of Object.keys(failures)) {
        const error = new ProxyError(code, 'text');
        t.match(problem(error), { cause: code, status: failures[code].status, title: failures[code].title });
        t.equal(proxyStatus(error), `mtls-proxy; error=${failures[code].error}; details="text"`);
    }
});
t.test('an alert’s number is told only where an alert is the error', async (t) => {
    const status = (error, tried) => proxyStatus(new ProxyError('client-certificate', 'x', { attempts: tried, error }));
    t.match(status('tls_alert_received', attempts), '; alert-id=48;');
    t.notMatch(status('connection_terminated', attempts), 'alert-id');
    t.notMatch(status('tls_alert_received', [{ offer: 'x', outcome: 'close', ms: 1 }]), 'alert-id');
});
//# sourceMappingURL=respond.test.js.map