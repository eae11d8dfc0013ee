import t from 'tap';
import { ask, isProblem, offers } from '../../fixtures/ladder.js';
import { makePki, pkiFiles } from '../../fixtures/pki.js';
import { runProxy } from '../../fixtures/proxy.js';
// Port 1 is privileged and nothing listens on it; a label of more than 63 octets the resolver refuses without asking anybody.
const rows = [
    { name: 'port', what: 'a refused port', host: '127.0.0.1:1', told: 'refused' },
    { name: 'name', what: 'a name whose addresses all refuse', host: 'localhost:1', told: 'refused' },
    { name: 'dns', what: 'a name that does not resolve', host: `${'a'.repeat(64)}.test:443`, told: 'dns' },
];
const details = {
    refused: { error: 'connection_refused', detail: /nothing listens there; check host and port of `upstream`/ },
    dns: { error: 'dns_error', detail: /does not resolve on this machine; check `upstream` and the resolver/ },
};
t.test('A11 without a TCP connection no version is lowered', async (t) => {
    const proxy = await runProxy(t, {
        config: {
            listen: '127.0.0.1:0',
            defaults: { tls: { ca: 'ca.pem' } },
            routes: rows.map(({ name, host }) => ({ name, match: { path: `/${name}` }, upstream: `https://${host}` })),
        },
        files: pkiFiles(await makePki()),
    });
    for (const { name, what, host, told } of rows) {
        await t.test(`A11 ${what} is told as ${told}`, async (t) => {
            isProblem(t, await ask(proxy, { path: `/${name}` }), {
                status: 502,
                cause: told,
                attempts: [`${offers('TLSv1.3+TLSv1.2')[0]} ${told}`],
                ...details[told],
                upstream: host,
                route: name,
            });
        });
    }
    t.equal(proxy.log.all('fallback').length, 0);
    t.equal(proxy.log.all('handshake').length, 0);
});
//# sourceMappingURL=uses-no-rung-when-nothing-answers.test.js.map