import t, {} from 'tap';
import { send } from '../fixtures/client.js';
import { startNginx } from '../fixtures/peers.js';
import { makePki, pkiFiles } from '../fixtures/pki.js';
import { startApp } from './app.js';
import { logged, runAgainst, showVersions, versionCases } from './terminator.js';
const pki = await makePki();
function start(t, protocol, app) {
    const level = protocol === 'TLSv1' ? 'ssl_ciphers DEFAULT@SECLEVEL=0;' : '';
    const config = (port) => `
    server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate server.crt;
      ssl_certificate_key server.key;
      ssl_client_certificate ca.pem;
      ssl_verify_client on;
      ssl_protocols ${protocol};
      ${level}
      location / {
        proxy_pass http://127.0.0.1:${app};
        proxy_set_header X-Client $ssl_client_s_dn;
        proxy_set_header X-Protocol $ssl_protocol;
        proxy_set_header X-Resumed $ssl_session_reused;
      }
    }`;
    return startNginx(t, config, pkiFiles(pki));
}
t.test('nginx that demands a client certificate', async (t) => {
    await showVersions(t, pki, versionCases, start, 'CN=client', { no: '.', yes: 'r' });
});
t.test('nginx answers by itself without a certificate it likes: its answer goes through', async (t) => {
    for (const protocol of ['TLSv1.3', 'TLSv1.2']) {
        const app = await startApp(t);
        const server = await start(t, protocol, app.port);
        for (const [client, word] of [
            ['none', /No required SSL certificate was sent/],
            ['other-client', /The SSL certificate error/],
        ]) {
            await t.test(`${protocol}, ${client}`, async (t) => {
                const proxy = await runAgainst(t, pki, server.url, ['TLSv1.3', 'TLSv1.2'], client);
                const reply = await send(`${proxy.url}/iot/x`, { method: 'POST', body: 'secret' });
                t.equal(reply.status, 400);
                t.match(reply.headers, { server: /^nginx/, 'content-type': 'text/html', 'proxy-status': undefined });
                t.match(reply.text(), word);
                t.match(await logged(proxy, '/iot/x'), { status: 400, protocol, cause: undefined });
                t.match(await proxy.log.next('handshake'), { protocol });
            });
        }
        t.same(app.accounts, [], 'no request reached the program behind nginx');
    }
});
//# sourceMappingURL=nginx.test.js.map