import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { closing } from '../fixtures/teardown.js';
/** The plain-HTTP program behind nginx or HAProxy: answers every request with an {@link Account} of it. */
export async function startApp(t) {
    const accounts = [];
    const server = createServer(async (request, response) => {
        const hash = createHash('sha256');
        let bytes = 0;
        for await (const chunk of request) {
            bytes += chunk.length;
            hash.update(chunk);
        }
        const { method = '', url: target = '', headers } = request;
        const account = { method, target, headers, bytes, sha256: hash.digest('hex') };
        accounts.push(account);
        response.setHeader('Content-Type', 'application/json');
        response.setHeader('Set-Cookie', ['a=1', 'b=2']);
        response.end(JSON.stringify(account));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    return closing(t, {
        port,
        accounts,
        async close() {
            server.closeAllConnections();
            server.close();
            await once(server, 'close');
        },
    });
}
/** The SHA-256 of a text or bytes, hexadecimal. */
export function sha256(content) {
    return createHash('sha256').update(content).digest('hex');
}
//# sourceMappingURL=app.js.map