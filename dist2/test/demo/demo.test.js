import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import t from 'tap';
import { demo } from '../../src/cli/demo.js';
import { standIn } from './stand-in.js';
/** Runs the demo with its output caught; `print` sees each piece of it as it comes. */
async function run(start, args = {}, print = () => { }) {
    const controller = new AbortController();
    let stdout = '';
    let stderr = '';
    const io = {
        stdout: {
            write: (text) => {
                stdout += text;
                print(stdout, () => controller.abort());
            },
        },
        stderr: { write: (text) => (stderr += text) },
        env: {},
        signal: controller.signal,
    };
    const code = await demo({ once: true, port: 0, ...args }, io, start);
    return { code, stdout, stderr };
}
t.test('once: a table of four right outcomes, exit code 0, and nothing left behind', async (t) => {
    let file = '';
    const start = (config, log) => {
        file = config;
        const folder = dirname(config);
        t.equal(statSync(folder).mode & 0o777, 0o700);
        t.equal(statSync(join(folder, 'client.key')).mode & 0o777, 0o600);
        t.same(readdirSync(folder).sort(), ['ca.pem', 'client.crt', 'client.key', 'proxy.yaml']);
        return standIn()(config, log);
    };
    const { code, stdout, stderr } = await run(start);
    t.equal(stderr, '');
    t.match(stdout, /^ok \/modern .* 200 +TLSv1\.3 +TLSv1\.3\+TLSv1\.2 ok$/m);
    t.match(stdout, /^ok \/resets .* 200 +TLSv1\.2 +TLSv1\.3\+TLSv1\.2 reset/m);
    t.match(stdout, /-> TLSv1\.2 ok$/m);
    t.match(stdout, /^ok \/legacy .* 200 +TLSv1 /m);
    t.match(stdout, /^ok \/rejects .* 502 /m);
    t.match(stdout, /^ {3}Use another certificate\.$/m);
    t.match(stdout, /^Every outcome is the right one\.$/m);
    t.notMatch(stdout, /[^\n\x20-\x7e]/, 'plain ASCII where there is no terminal');
    t.equal(code, 0);
    t.notOk(existsSync(dirname(file)));
});
t.test('an outcome that is not the right one is named, exit code 1', async (t) => {
    const { code, stdout, stderr } = await run(standIn({ silent: 'fallback' }));
    t.equal(stderr, 'mtls-proxy demo: /resets: no fallback after a reset is in the log\n');
    t.match(stdout, /^!! \/resets/m);
    t.notMatch(stdout, 'Every outcome');
    t.equal(code, 1);
});
t.test('a port that is taken: says so and takes a free one', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const { code, stdout } = await run(standIn(), { port });
    t.match(stdout, new RegExp(`^Port ${port} is taken, so the proxy listens on \\d+\\.$`, 'm'));
    t.equal(code, 0);
    other.close();
});
t.test('without once it serves until it is asked to stop, and tells of each request', async (t) => {
    let asked = false;
    const { code, stdout } = await run(standIn(), { once: false }, (text, stop) => {
        const url = /curl -i (http:\S+\/resets\/hello)/.exec(text)?.[1];
        if (url !== undefined && !asked) {
            asked = true;
            get(url.replace('localhost', '127.0.0.1'), { agent: false }, (response) => response.resume());
        }
        if (/^request .*resets/m.test(text))
            stop();
    });
    t.match(stdout, /^fallback {2}resets TLSv1\.3\+TLSv1\.2 reset -> TLSv1\.2$/m);
    t.match(stdout, /^request {3}resets 200 TLSv1\.2/m);
    t.equal(code, 0);
});
t.test('a stop before the table is done ends it at once, exit code 1', async (t) => {
    const { code, stdout } = await run(standIn({ silent: 'request' }), {}, (_text, stop) => stop());
    t.notMatch(stdout, '/modern');
    t.equal(code, 1);
});
t.test('a proxy that does not start is an error in words, exit code 1', async (t) => {
    for (const reason of [new Error('no such thing'), 'no such thing']) {
        const { code, stderr } = await run(() => Promise.reject(reason));
        t.equal(stderr, 'mtls-proxy demo: no such thing\n');
        t.equal(code, 1);
    }
});
t.test('a proxy that drops the connection is told as such', async (t) => {
    const start = async () => {
        const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
        await once(server, 'listening');
        const stop = async () => {
            server.close();
        };
        return { addresses: [`127.0.0.1:${server.address().port}`], stop };
    };
    const { code, stderr } = await run(start);
    t.match(stderr, /^mtls-proxy demo: \/modern: no response: socket hang up$/m);
    t.equal(code, 1);
});
//# sourceMappingURL=demo.test.js.map