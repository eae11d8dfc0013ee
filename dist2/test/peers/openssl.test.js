import t from 'tap';
import { send } from '../fixtures/client.js';
import { startOpenssl } from '../fixtures/peers.js';
import { makePki, pkiFiles } from '../fixtures/pki.js';
import { startFront } from '../fixtures/upstreams.js';
import { isRefused, logged, runAgainst, versionCases } from './terminator.js';
const pki = await makePki();
const files = pkiFiles(pki);
const demanding = ['-CAfile', 'ca.pem', '-Verify', '1', '-verify_return_error'];
const held = {
    'TLSv1.3': ['-tls1_3'],
    'TLSv1.2': ['-tls1_2'],
    TLSv1: ['-tls1', '-cipher', 'DEFAULT@SECLEVEL=0'],
};
t.test('s_server that demands a client certificate', async (t) => {
    for (const { protocol, versions, attempts } of versionCases) {
        await t.test(`${protocol} (A28, A29${attempts > 1 ? ', A22' : ''})`, async (t) => {
            const server = await startOpenssl(t, [...demanding, ...(held[protocol] ?? []), '-www'], files);
            const proxy = await runAgainst(t, pki, server.url, versions);
            for (const n of [1, 2]) {
                const reply = await send(`${proxy.url}/each/${n}`);
                t.equal(reply.status, 200);
                // Its status page tells the session and prints the client's certificate; it is framed by the connection's end.
                t.match(reply.headers, { 'content-type': 'text/html', 'transfer-encoding': 'chunked' });
                t.match(reply.text(), new RegExp(`^ +Protocol +: ${protocol.replace('.', '\\.')}$`, 'm'));
                t.match(reply.text(), /Subject: CN *= *client$/m);
                t.match(reply.text(), n === 1 ? /^New, /m : /^Reused, /m);
                t.match(reply.text(), /<\/pre><\/BODY><\/HTML>\s*$/i);
                t.match(await logged(proxy, `/each/${n}`), { status: 200, protocol, reused: false });
            }
            t.match(proxy.log.all('handshake'), [
                { protocol, resumed: false },
                { protocol, resumed: true },
            ]);
            t.equal(proxy.log.all('fallback').length, attempts - 1);
        });
    }
});
t.test('s_server takes a POST byte for byte', async (t) => {
    for (const { protocol, versions } of versionCases) {
        await t.test(protocol, async (t) => {
            const server = await startOpenssl(t, [...demanding, ...(held[protocol] ?? [])], files);
            const proxy = await runAgainst(t, pki, server.url, versions);
            const reply = send(`${proxy.url}/iot/orders`, { method: 'POST', body: 'one order\n' });
            await server.lines.first((line) => line === 'one order');
            t.match(server.text(), /^POST \/orders HTTP\/1\.1\r$/m);
            server.write('HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\ndone\n');
            t.equal((await reply).status, 201);
            t.equal((await reply).text(), 'done\n');
            t.match(await logged(proxy, '/iot/orders'), { status: 201, protocol });
        });
    }
});
t.test('s_server refuses a client certificate by an alert', async (t) => {
    for (const [protocol, mark, client, alert] of [
        ['TLSv1.3', 'A15', 'other-client', 48],
        ['TLSv1.3', 'A15', 'none', 116],
        ['TLSv1.2', 'A14', 'other-client', 48],
        ['TLSv1.2', 'A14', 'none', 40],
    ]) {
        await t.test(`${protocol}, ${client} (${mark})`, async (t) => {
            const server = await startOpenssl(t, [...demanding, ...(held[protocol] ?? [])], files);
            const front = await startFront(t, { to: server, decide: () => 'pass' });
            const proxy = await runAgainst(t, pki, front.url, ['TLSv1.3', 'TLSv1.2'], client);
            isRefused(t, await send(`${proxy.url}/iot/orders`, { method: 'POST', body: 'one order\n' }), [alert]);
            t.match(await logged(proxy, '/iot/orders'), { status: 502, cause: 'client-certificate' });
            t.equal(front.hellos.length, 1, 'one handshake');
            isRefused(t, await send(`${proxy.url}/iot/devices`));
            t.equal(front.hellos.length, 2);
            t.same(proxy.log.all('fallback'), []);
            await server.close();
            t.notMatch(server.text(), /orders|one order|devices/, 'no byte of a request reached the server');
        });
    }
});
//# sourceMappingURL=openssl.test.js.map