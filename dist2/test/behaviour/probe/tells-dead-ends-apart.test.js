import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import t from 'tap';
import { startFront } from '../../fixtures/front.js';
import { makePki } from '../../fixtures/pki.js';
import { configFile, probeRoute, told } from '../../fixtures/probing.js';
import { oneRoute, runCommand } from '../../fixtures/proxy.js';
import { startUpstream } from '../../fixtures/upstreams.js';
const pki = await makePki();
t.test('plain HTTP on the port', async (t) => {
    const server = createHttpServer().listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const { document, result } = await probeRoute(t, pki, `https://127.0.0.1:${server.address().port}`);
    t.equal(result.code, 1);
    t.ok(document.handshakes.every(({ outcome }) => outcome === 'plaintext'));
    t.same(document.pin.versions, []);
});
t.test('a port where nothing listens is tried once', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    const { document, result, file } = await probeRoute(t, pki, `https://127.0.0.1:${port}`);
    t.equal(result.code, 1);
    t.same(told(document), ['TLSv1.3 default: refused']);
    const { stdout } = await runCommand(['probe', 'iot', '--config', file]);
    t.match(stdout, /Nothing listens there; check host and port of `upstream`\./);
    t.match(stdout, /there is nothing to pin\.$/m);
});
t.test('a silent server costs each handshake its time-out', async (t) => {
    const front = await startFront(t, { decide: () => 'silent' });
    const { document, result, file } = await probeRoute(t, pki, front.url, {}, { timeouts: { handshake: '50ms' } });
    t.equal(result.code, 1);
    t.ok(document.handshakes.every(({ outcome, cause }) => outcome === 'timeout' && cause === 'timeout'));
    t.equal(front.hellos.length, document.handshakes.length);
    t.match((await runCommand(['probe', 'iot', '--config', file])).stdout, /answered nothing/);
});
t.test('a URL needs no configuration, and gets the default trust', async (t) => {
    const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key });
    const { code, stdout, stderr } = await runCommand(['probe', `${up.url}/path`, '--json']);
    t.equal(code, 1);
    t.equal(stderr, '');
    t.match(JSON.parse(stdout), {
        target: `${up.url}/path`,
        upstream: `127.0.0.1:${up.port}`,
        versions: [{ version: 'TLSv1.3', result: 'unverified' }],
        certificates: [{ subject: 'CN=localhost', wrong: [/its chain ends in a root|issuer of its certificate/] }],
    });
});
t.test('what is wrong with the command itself', async (t) => {
    const file = await configFile(t, pki, oneRoute('https://127.0.0.1:1'));
    const run = (...args) => runCommand(['probe', ...args]);
    t.match(await run(), { code: 2, stdout: '', stderr: /"probe" needs a route's name or a URL/ });
    t.match(await run('iot', 'other'), { code: 2, stderr: /takes no argument "other"/ });
    t.match(await run('--once', 'iot'), { code: 2, stderr: /takes no option --once/ });
    t.match(await run('http://127.0.0.1:1'), { code: 2, stdout: '', stderr: /this proxy speaks TLS/ });
    t.match(await run('127.0.0.1:1'), { code: 2, stderr: /neither a route's name nor a URL/ });
    t.match(await run('other', '--config', file), { code: 2, stderr: /has no route "other"; it has: iot/ });
    t.match(await run('iot', '--config', `${file}.missing`), { code: 2, stderr: /cannot read the configuration/ });
    t.match(await run('--help'), { code: 0, stdout: /mtls-proxy probe ROUTE/ });
});
//# sourceMappingURL=tells-dead-ends-apart.test.js.map