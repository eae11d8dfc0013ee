import { send } from '../fixtures/client.js';
import { pkiFiles } from '../fixtures/pki.js';
import { runProxy } from '../fixtures/proxy.js';
import { sha256, startApp } from './app.js';
export const versionCases = [
    { protocol: 'TLSv1.3', versions: ['TLSv1.3', 'TLSv1.2'], attempts: 1 },
    { protocol: 'TLSv1.2', versions: ['TLSv1.3', 'TLSv1.2'], attempts: 1 },
    { protocol: 'TLSv1', versions: ['TLSv1.2', 'TLSv1.1', 'TLSv1'], attempts: 2 },
];
/**
 * Runs the command against one such server: `/iot` keeps connections, `/each` makes one for each request.
 * @param client which client certificate of {@link pkiFiles}
 */
export async function runAgainst(t, pki, upstream, versions, client = 'client') {
    const credentials = client === 'none' ? {} : { cert: `${client}.crt`, key: `${client}.key` };
    const tls = { versions, ca: 'ca.pem', ...credentials };
    const routes = [
        { name: 'iot', match: { path: '/iot' }, upstream, tls },
        { name: 'each', match: { path: '/each' }, upstream, tls, pool: { keepAlive: false } },
    ];
    const config = { listen: '127.0.0.1:0', log: { level: 'debug' }, routes };
    return runProxy(t, { config, files: pkiFiles(pki) });
}
/** The line of the request for a path, once it is logged. */
export function logged(proxy, path) {
    return proxy.log.next((line) => line.msg === 'request' && line.path === path);
}
/**
 * Shows the main job through a real server, at each of the versions it can be held to: status, body, the logged protocol,
 * whose certificate the server saw, connections kept, and sessions resumed where none are kept.
 * @param issuedTo what the server calls the owner of the client certificate
 * @param resumed what the server says of a resumed session, by its own word
 */
export async function showVersions(t, pki, cases, start, issuedTo, resumed) {
    for (const { protocol, versions, attempts } of cases) {
        await t.test(`${protocol} (A28, A29${attempts > 1 ? ', A22' : ''})`, async (t) => {
            const app = await startApp(t);
            const server = await start(t, protocol, app.port);
            const proxy = await runAgainst(t, pki, `${server.url}/api`, versions);
            const got = await send(`${proxy.url}/iot/devices?x=%2F`);
            t.equal(got.status, 200, got.text());
            t.same(got.headers['set-cookie'], ['a=1', 'b=2']);
            const account = got.json();
            t.match(account, { method: 'GET', target: '/api/devices?x=%2F', bytes: 0 });
            t.match(account.headers, { 'x-client': issuedTo, 'x-protocol': protocol, 'x-resumed': resumed.no });
            t.match(await logged(proxy, '/iot/devices'), { status: 200, protocol, reused: false, attempts });
            t.match(await proxy.log.next('handshake'), { route: 'iot', protocol, resumed: false });
            t.equal(proxy.log.all('fallback').length, attempts - 1);
            const body = Buffer.alloc(300_000, 'a line of a body\n');
            const sent = await send(`${proxy.url}/iot/upload`, { method: 'POST', body });
            t.match(sent.json(), { method: 'POST', bytes: body.length, sha256: sha256(body) });
            t.match(await logged(proxy, '/iot/upload'), { status: 200, protocol, reused: true, bytesIn: body.length });
            t.equal(proxy.log.all('handshake').length, 1);
            for (const n of [1, 2]) {
                const each = await send(`${proxy.url}/each/${n}`);
                t.equal(each.status, 200, each.text());
                t.match(each.json().headers, {
                    'x-client': issuedTo,
                    'x-protocol': protocol,
                    'x-resumed': n === 1 ? resumed.no : resumed.yes,
                });
                t.match(await logged(proxy, `/each/${n}`), { protocol, reused: false });
            }
            const handshakes = proxy.log.all('handshake').filter(({ route }) => route === 'each');
            t.match(handshakes, [
                { protocol, resumed: false },
                { protocol, resumed: true },
            ]);
        });
    }
}
/** Holds that a reply is the proxy's own word about a refused client certificate, and that one handshake was made for it. */
export function isRefused(t, reply, alerts) {
    t.equal(reply.status, 502, reply.text());
    t.match(reply.headers, { 'content-type': 'application/problem+json', 'proxy-status': /^mtls-proxy; error=/ });
    const problem = reply.json();
    t.equal(problem.cause, 'client-certificate');
    t.equal(problem.attempts.length, 1, 'no lower offer');
    if (alerts === undefined)
        return;
    t.match(problem.attempts[0], { outcome: 'alert' });
    t.ok(alerts.includes(problem.attempts[0]?.alert ?? 0), `alert ${problem.attempts[0]?.alert}`);
}
//# sourceMappingURL=terminator.js.map