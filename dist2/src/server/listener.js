import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import { formatListen } from '../config/addresses.js';
import { ProxyError } from '../errors.js';
import { isTlsInside } from '../proxy/connect.js';
import { HandOver } from '../proxy/hand-over.js';
import { problem, proxyStatus } from '../proxy/respond.js';
import { announcesBody, mayUpgrade, plainHead } from '../proxy/upgrade.js';
/** Marks a request behind which nothing more is read from its connection. */
const last = Symbol('last');
/**
 * Listens on one address. Parsing is Node's, strict.
 *
 * @throws the system's error, for example with the code EADDRINUSE
 */
export async function listen(where, limits, serve) {
    const options = {
        maxHeaderSize: limits.header,
        insecureHTTPParser: false,
        // Node would answer 400 by itself, without a problem document.
        requireHostHeader: false,
        keepAliveTimeout: 65_000,
        headersTimeout: 60_000,
        // An upload may take as long as it moves; what stands still is ended by the route's own time-outs.
        requestTimeout: 0,
        // Since Node 22; before, every request with an Upgrade field comes as 'upgrade'. One with a body does not come whole so
        // in Node 26, and if it is kept from it, whatever Node says, the parser loses what comes behind it.
        shouldUpgradeCallback(request) {
            if (!announcesBody(request))
                return true;
            request[last] = true;
            return false;
        },
    };
    // Pipelined requests are served one after the other (RFC 9112 section 9.3.2 forbids more unless all are safe), and
    // one whose client has left meanwhile never begins. Node gives a response its socket when it is its turn.
    const inTurn = (request, response) => {
        if (request[last] === true)
            response.shouldKeepAlive = false;
        if (response.socket !== null)
            serve(request, response);
        else
            response.once('socket', () => serve(request, response));
    };
    const server = createServer(options, inTurn);
    // With a listener Node neither answers 100 nor 417 by itself.
    server.on('checkContinue', inTurn);
    server.on('checkExpectation', inTurn);
    server.maxConnections = limits.connections;
    // Node would drop what comes behind the 2,000th field, even those that frame the message; `limits.header` bounds them.
    server.maxHeadersCount = 0;
    server.on('clientError', refuse);
    // By how many bytes had come when Node's parser got the connection: since then, if no more have, no request has.
    const sockets = new Map();
    server.on('connection', (socket) => {
        if (!sockets.has(socket))
            socket.once('close', () => sockets.delete(socket));
        sockets.set(socket, socket.bytesRead - socket.readableLength);
    });
    const handOver = (request, socket, head) => new HandOver(request, socket, head, (again) => server.emit('connection', again));
    server.on('upgrade', (request, socket, head) => {
        const handed = handOver(request, socket, head);
        if (mayUpgrade(request))
            handed.serve(serve);
        else
            handed.reread(plainHead(request, announcesBody(request)));
    });
    server.on('connect', (request, socket, head) => handOver(request, socket, head).serve(serve));
    await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen('unix' in where ? { path: where.unix } : { host: where.host, port: where.port }, () => {
            server.removeListener('error', reject);
            resolve();
        });
    });
    if ('unix' in where)
        chmodSync(where.unix, where.mode);
    return {
        name: formatListen(where),
        address: addressOf(server, where),
        close: () => new Promise((resolve, reject) => {
            server.close((error) => (error === undefined ? resolve() : reject(error)));
        }),
        closeIdle: () => {
            server.closeIdleConnections();
            // For Node a connection is busy until its first request is over, even if it never sent a byte of one.
            for (const [socket, before] of sockets)
                if (socket.bytesRead === before)
                    socket.destroy();
        },
        // Node's own list lacks those that are no longer HTTP.
        closeAll: () => {
            for (const socket of sockets.keys())
                socket.destroy();
        },
    };
}
function addressOf(server, where) {
    const bound = server.address();
    if ('unix' in where || bound === null || typeof bound === 'string')
        return formatListen(where);
    return formatListen({ host: bound.address, port: bound.port });
}
/**
 * What Node's parser refuses is answered like everything else, as far as the socket still takes an answer and nobody
 * would take it for another one's: a whole request before it gets its own response first, and then the connection ends.
 */
function refuse(error, socket) {
    const current = socket._httpMessage;
    if (!socket.writable || error.code === 'ECONNRESET' || isTlsInside(socket, error.rawPacket)) {
        socket.destroy();
        return;
    }
    if (current?.req.complete) {
        current._last = true;
        return;
    }
    if (current?.headersSent) {
        socket.destroy();
        return;
    }
    const failure = parserFailure(error);
    const body = `${JSON.stringify(problem(failure))}\n`;
    const head = [
        `HTTP/1.1 ${failure.status} ${reasons[failure.status] ?? 'Bad Request'}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        `Proxy-Status: ${proxyStatus(failure)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    // Whatever works on the broken request hears of it by the close.
    if (current)
        socket.destroySoon();
}
const reasons = {
    408: 'Request Timeout',
    431: 'Request Header Fields Too Large',
};
function parserFailure(error) {
    const options = { source: 'downstream', cause: error };
    switch (error.code) {
        case 'HPE_HEADER_OVERFLOW': {
            const text = 'the head of the request is longer than `limits.header`';
            return new ProxyError('bad-request', text, { ...options, status: 431 });
        }
        case 'ERR_HTTP_REQUEST_TIMEOUT': {
            const text = 'the head of the request did not arrive in time';
            return new ProxyError('bad-request', text, { ...options, status: 408 });
        }
        default:
            return new ProxyError('bad-request', `the request is not valid HTTP/1.1 (${error.code})`, options);
    }
}
//# sourceMappingURL=listener.js.map