import { once } from 'node:events';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { offeredVersions, tls12 } from './client-hello.js';
/** The demo's upstreams, in the order in which they are shown. */
export const upstreamNames = ['modern', 'resets', 'legacy', 'rejects'];
/**
 * Starts four real TLS servers on free ports of 127.0.0.1. All demand a client certificate:
 * `modern` speaks TLS 1.2 and 1.3; `resets` resets every ClientHello offering more than TLS 1.2 and speaks TLS 1.2;
 * `legacy` speaks only TLS 1.0; `rejects` trusts another authority than the one that issued `pki.client`.
 */
export async function startUpstreams(pki) {
    const credentials = { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true };
    const modern = answering('modern', { ...credentials, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
    // Not able to speak TLS 1.3 itself: otherwise its answers would carry the downgrade sentinel of RFC 8446 section 4.1.3.
    const behindFront = answering('resets', { ...credentials, minVersion: 'TLSv1', maxVersion: 'TLSv1.2' });
    const resets = createTcpServer((socket) => guardVersions(socket, behindFront));
    const legacy = answering('legacy', {
        ...credentials,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1',
        // OpenSSL 3 speaks TLS 1.0 only at security level 0.
        ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const rejects = answering('rejects', { ...credentials, ca: pki.foreignCa, minVersion: 'TLSv1.2' });
    const servers = { modern, resets, legacy, rejects };
    const sockets = new Set();
    const ports = {};
    for (const name of upstreamNames) {
        servers[name].on('connection', (socket) => {
            sockets.add(socket);
            socket.on('error', () => { }); // a client may go away at any moment
            socket.once('close', () => sockets.delete(socket));
        });
    }
    const close = async () => {
        for (const socket of sockets)
            socket.destroy();
        await Promise.all(Object.values(servers).map((server) => new Promise((resolve) => server.close(() => resolve()))));
    };
    try {
        for (const name of upstreamNames) {
            servers[name].listen(0, '127.0.0.1');
            await once(servers[name], 'listening');
            ports[name] = servers[name].address().port;
        }
    }
    catch (error) {
        await close();
        throw error;
    }
    return { ports, close };
}
function answering(upstream, options) {
    const server = createServer({ ...options, keepAliveTimeout: 60_000 }, (request, response) => {
        request.resume();
        request.once('end', () => answer(upstream, request, response));
    });
    // A refused handshake is an outcome that the demo shows, not a fault of this server.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
}
function answer(upstream, request, response) {
    const socket = request.socket;
    const subject = socket.getPeerX509Certificate()?.subject ?? '';
    const body = {
        upstream,
        protocol: socket.getProtocol() ?? '',
        clientCertificate: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
        method: request.method ?? '',
        path: request.url ?? '',
    };
    const text = `${JSON.stringify(body)}\n`;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
}
/** Reads the ClientHello of `socket`; resets the connection if it offers more than TLS 1.2, else leaves it to `server`. */
function guardVersions(socket, server) {
    let seen = Buffer.alloc(0);
    const read = () => {
        for (let chunk = socket.read(); chunk !== null; chunk = socket.read())
            seen = Buffer.concat([seen, chunk]);
        const versions = offeredVersions(seen);
        if (versions === undefined)
            return;
        socket.off('readable', read);
        if (versions.some((version) => version > tls12)) {
            socket.resetAndDestroy();
            return;
        }
        socket.unshift(seen);
        server.emit('connection', socket);
    };
    socket.on('readable', read);
}
//# sourceMappingURL=upstreams.js.map