import t, {} from 'tap';
import { send } from '../fixtures/client.js';
import { startHaproxy } from '../fixtures/peers.js';
import { makePki, pkiFiles } from '../fixtures/pki.js';
import { startApp } from './app.js';
import { isRefused, logged, runAgainst, showVersions, versionCases } from './terminator.js';
const pki = await makePki();
function start(t, protocol, app) {
    const versions = `ssl-min-ver ${protocol} ssl-max-ver ${protocol}`;
    const config = (port) => `
frontend tls
  bind 127.0.0.1:${port} ssl crt bundle.pem ca-file ca.pem verify required ${versions}
  http-request set-header X-Client %[ssl_c_s_dn(cn)]
  http-request set-header X-Protocol %[ssl_fc_protocol]
  http-request set-header X-Resumed %[ssl_fc_is_resumed]
  default_backend app
backend app
  server app 127.0.0.1:${app}
`;
    const { chain, key } = pki.server;
    return startHaproxy(t, config, { ...pkiFiles(pki), 'bundle.pem': chain + key });
}
t.test('HAProxy that demands a client certificate', async (t) => {
    const cases = versionCases.filter(({ protocol }) => protocol !== 'TLSv1');
    await showVersions(t, pki, cases, start, 'client', { no: '0', yes: '1' });
});
t.test('HAProxy refuses a client certificate', async (t) => {
    for (const [protocol, mark] of [
        ['TLSv1.3', 'A15'],
        ['TLSv1.2', 'A14'],
    ]) {
        const app = await startApp(t);
        const server = await start(t, protocol, app.port);
        for (const client of ['none', 'other-client']) {
            await t.test(`${protocol}, ${client} (${mark})`, async (t) => {
                const proxy = await runAgainst(t, pki, server.url, ['TLSv1.3', 'TLSv1.2'], client);
                for (const method of ['GET', 'POST']) {
                    const path = `/iot/${method}`;
                    isRefused(t, await send(proxy.url + path, { method, ...(method === 'POST' ? { body: 'secret' } : {}) }));
                    t.match(await logged(proxy, path), { status: 502, cause: 'client-certificate' });
                }
                t.same(proxy.log.all('fallback'), []);
            });
        }
        t.same(app.accounts, [], 'no request reached the program behind HAProxy');
    }
});
//# sourceMappingURL=haproxy.test.js.map