import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
/** Stands in for the proxy: just enough of one to tell whether the demo asks and reads the right things. */
export function standIn(faults = {}) {
    return async (file, log) => {
        const text = readFileSync(file, 'utf8');
        const read = (key) => readFileSync(join(dirname(file), new RegExp(`\\b${key}: ([^, ]+)`).exec(text)?.[1] ?? ''));
        const credentials = { ca: read('ca'), cert: read('cert'), key: read('key') };
        const routes = new Map();
        for (const [, name = '', url = '', versions] of text.matchAll(/- name: (\w+)\n.*\n.*upstream: (\S+)(?:\n.*versions: \[(.*)\])?/g)) {
            const top = versions === undefined ? ['TLSv1.3', 'TLSv1.2'] : versions.split(', ');
            routes.set(name, { url, ...credentials, offers: top.map((_, i) => top.slice(i)) });
        }
        const write = (line) => {
            if (line.msg !== faults.silent)
                log.write(`${JSON.stringify(line)}\n`);
        };
        const server = createServer(async (incoming, response) => {
            const [, route = ''] = (incoming.url ?? '').split('/');
            const upstream = routes.get(route);
            if (upstream === undefined || route === faults.invent)
                response.end('{}');
            else
                await forward(route, upstream, response, write);
        });
        server.listen(Number(/^listen: 127\.0\.0\.1:(\d+)$/m.exec(text)?.[1]), '127.0.0.1');
        await once(server, 'listening');
        const address = server.address();
        if (address === null || typeof address === 'string')
            throw new Error('no port');
        return {
            addresses: [`127.0.0.1:${address.port}`],
            stop: async () => {
                server.close();
                server.closeAllConnections();
            },
        };
    };
}
async function forward(route, upstream, response, write) {
    const attempts = [];
    for (const [i, versions] of upstream.offers.entries()) {
        const offer = versions.join('+');
        const { outcome, ...answer } = await attempt(upstream, versions);
        attempts.push({ offer, outcome, ms: 1 });
        if (outcome === 'reset') {
            write({ msg: 'fallback', route, from: offer, to: upstream.offers[i + 1]?.join('+'), outcome });
            continue;
        }
        const refused = answer.body === undefined;
        if (!refused)
            write({ msg: 'handshake', route, attempts });
        const problem = { status: 502, cause: 'client-certificate', detail: 'Use another certificate.', attempts };
        response.statusCode = refused ? 502 : 200;
        response.end(answer.body ?? JSON.stringify(problem));
        const cause = refused ? 'client-certificate' : undefined;
        write({ msg: 'request', route, status: response.statusCode, protocol: answer.protocol, cause });
        return;
    }
}
/** `reset` only before the handshake is complete; no body if the connection ended after it. */
function attempt(upstream, versions) {
    return new Promise((resolve) => {
        const { url, ca, cert, key } = upstream;
        const old = versions.includes('TLSv1') ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {};
        const limits = { maxVersion: versions[0], minVersion: versions.at(-1) };
        let complete = false;
        const sent = request(url, { ca, cert, key, ...limits, ...old, agent: false }, async (response) => {
            const protocol = response.socket.getProtocol();
            let body = '';
            for await (const chunk of response.setEncoding('utf8'))
                body += chunk;
            resolve({ outcome: 'ok', protocol, body });
        });
        sent.once('socket', (socket) => {
            socket.once('secureConnect', () => {
                complete = true;
            });
        });
        sent.on('error', () => resolve({ outcome: complete ? 'ok' : 'reset' }));
        sent.end();
    });
}
//# sourceMappingURL=stand-in.js.map