import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import t from 'tap';
import { open, send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
const size = 64 * 1024 * 1024;
/** Less than half of what a proxy that buffers one body would grow by. */
const bound = 28 * 1024 * 1024;
const body = Buffer.alloc(size, 'local-mtls-proxy\n');
const sha256 = createHash('sha256').update(body).digest('hex');
/** The most memory (resident, bytes) that a process ever had. Linux only, like the promise of this test. */
async function peak(pid) {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
    return Number(found?.[1]) * 1024;
}
/** Gives the proxy work of another kind: whoever were to read on while one side stands still has the time to. */
async function keepBusy({ url }) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = 0; n < 150; n += 1)
        await send(`${url}/small`, { agent });
    agent.destroy();
}
async function digest(stream) {
    const hash = createHash('sha256');
    for await (const chunk of stream)
        hash.update(chunk);
    return hash.digest('hex');
}
t.test('D12 64 MB to a client that reads late', async (t) => {
    let sent = false;
    const pair = await startPair(t, {
        handler: (request, response) => {
            if (request.url !== '/large')
                return response.end('small');
            response.setHeader('Content-Length', size);
            return response.end(body, () => {
                sent = true;
            });
        },
    });
    // What every transfer costs (buffers before they are collected, the code itself) is there after a fast one.
    t.equal(await digest(await open(`${pair.url}/large`).response), sha256);
    const before = await peak(pair.proxy.pid);
    sent = false;
    const response = await open(`${pair.url}/large`).response;
    response.pause();
    await keepBusy(pair);
    t.notOk(sent, 'the upstream is held back while the client does not read');
    t.equal(await digest(response), sha256);
    t.ok((await peak(pair.proxy.pid)) - before < bound, 'flat memory');
});
t.test('D12 64 MB to an upstream that reads late', async (t) => {
    let release = () => undefined;
    const pair = await startPair(t, {
        handler: async (request, response) => {
            if (request.url === '/late') {
                await new Promise((resolve) => {
                    release = resolve;
                });
            }
            response.end(await digest(request));
        },
    });
    const headers = ['Transfer-Encoding', 'chunked'];
    const sent = await send(`${pair.url}/soon`, { method: 'PUT', headers, body });
    t.equal(sent.text(), sha256);
    const before = await peak(pair.proxy.pid);
    const { request, response } = open(`${pair.url}/late`, { method: 'PUT', headers, body });
    await pair.up.requests.first(({ target }) => target === '/late');
    let finished = false;
    request.once('finish', () => {
        finished = true;
    });
    await keepBusy(pair);
    t.notOk(finished, 'the client is held back while the upstream does not read');
    release();
    const answer = (await response);
    const [text] = (await once(answer.setEncoding('utf8'), 'data'));
    t.equal(text, sha256);
    t.ok((await peak(pair.proxy.pid)) - before < bound, 'flat memory');
});
//# sourceMappingURL=streams-without-buffering.test.js.map