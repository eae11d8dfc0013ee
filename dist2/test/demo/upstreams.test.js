import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import t from 'tap';
import { clientName, makePki } from '../../src/demo/pki.js';
import { startUpstreams } from '../../src/demo/upstreams.js';
const pki = await makePki();
const upstreams = await startUpstreams(pki);
t.teardown(() => upstreams.close());
/** Sends two requests over one connection; resolves to everything that came back and to the socket's error, if any. */
async function talk(name, options) {
    const socket = connect({ port: upstreams.ports[name], host: '127.0.0.1', ca: pki.ca, ...options });
    let text = '';
    let code;
    socket.on('error', (error) => {
        code = error.code;
    });
    socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
    });
    socket.write('GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.write('GET /two HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    // Not `once`: it rejects on an error, which is a result here.
    await new Promise((resolve) => socket.once('close', resolve));
    return code === undefined ? { text } : { text, code };
}
const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
const until12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
t.test('each accepts what it is for and keeps the connection for the next request', async (t) => {
    const rows = [
        ['modern', 'TLSv1.3', {}],
        ['modern', 'TLSv1.2', until12],
        ['resets', 'TLSv1.2', until12],
        ['legacy', 'TLSv1', old],
        ['legacy', 'TLSv1', { ...old, maxVersion: 'TLSv1.2' }],
    ];
    for (const [name, protocol, options] of rows) {
        const { text } = await talk(name, { ...pki.client, ...options });
        const answers = text.match(/^\{.*\}$/gm)?.map((line) => JSON.parse(line)) ?? [];
        const expected = { upstream: name, protocol, clientCertificate: clientName, method: 'GET' };
        t.same(answers, [
            { ...expected, path: '/one' },
            { ...expected, path: '/two' },
        ]);
    }
});
t.test('resets: a ClientHello that offers TLS 1.3 is reset', async (t) => {
    t.same(await talk('resets', { ...pki.client }), { text: '', code: 'ECONNRESET' });
});
t.test('resets: a ClientHello that comes in pieces is read to its end', async (t) => {
    const raw = connectTcp(upstreams.ports.resets, '127.0.0.1');
    raw.write(Buffer.from([22]));
    await once(raw, 'connect');
    raw.write(Buffer.from([3, 1, 0, 4, 1, 0, 0]));
    raw.write(Buffer.from([0]));
    const [alert] = await once(raw, 'data');
    t.equal(alert[0], 21, 'the TLS server behind it answers with an alert');
    raw.destroy();
});
t.test('legacy: TLS 1.2 alone is refused', async (t) => {
    const { text, code } = await talk('legacy', { ...pki.client, ...until12 });
    t.equal(text, '');
    t.match(code, /PROTOCOL|EPROTO/);
});
t.test('rejects: no answer with our certificate, by any version', async (t) => {
    t.equal((await talk('rejects', { ...pki.client })).text, '');
    t.equal((await talk('rejects', { ...pki.client, ...until12 })).text, '');
});
t.test('none answers without a client certificate', async (t) => {
    t.equal((await talk('modern', {})).text, '');
    t.equal((await talk('resets', until12)).text, '');
    t.equal((await talk('legacy', old)).text, '');
});
t.test('HEAD has no body, and other paths and queries come back as sent', async (t) => {
    const socket = connect({ port: upstreams.ports.modern, host: '127.0.0.1', ca: pki.ca, ...pki.client });
    socket.end('HEAD /a?b=c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket.setEncoding('utf8'))
        text += chunk;
    t.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    t.ok(text.endsWith('\r\n\r\n'));
});
t.test('close ends what is open and can be said twice', async (t) => {
    const others = await startUpstreams(pki);
    const socket = connect({ port: others.ports.modern, host: '127.0.0.1', ca: pki.ca, ...pki.client });
    socket.on('error', () => { });
    await once(socket, 'secureConnect');
    const closed = once(socket, 'close');
    await others.close();
    await closed;
    await others.close();
    const late = connectTcp(others.ports.modern, '127.0.0.1');
    const [error] = await once(late, 'error');
    t.equal(error.code, 'ECONNREFUSED');
});
//# sourceMappingURL=upstreams.test.js.map