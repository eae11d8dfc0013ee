import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { open, send } from '../fixtures/client.js';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.js';
import { oneRoute, runCommand, runProxy } from '../fixtures/proxy.js';
import { startUpstream } from '../fixtures/upstreams.js';
const pki = await makePki();
const files = pkiFiles(pki);
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };
t.test('run until a signal: what runs is finished, exit 0', async (t) => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
        const up = await startUpstream(t, required);
        const proxy = await runProxy(t, { config: oneRoute(up.url), files });
        t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
        t.match(await proxy.stop(signal), { code: 0, signal: null });
        t.same(proxy.log.all().map(({ msg }) => msg), ['listening', 'handshake', 'request', 'draining', 'stopped']);
    }
});
t.test('a second signal ends it at once', async (t) => {
    for (const [second, code] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
    ]) {
        const up = await startUpstream(t, { ...required, handler: () => undefined });
        const proxy = await runProxy(t, { config: oneRoute(up.url), files });
        const { response } = open(`${proxy.url}/iot/x`);
        await up.requests.first();
        proxy.signal('SIGTERM');
        await proxy.log.next('draining');
        t.match(await proxy.stop(second), { code });
        await t.rejects(response);
    }
});
t.test('past the drain: cut off, exit 1', async (t) => {
    const up = await startUpstream(t, { ...required, handler: () => undefined });
    const config = { ...oneRoute(up.url), drain: '100ms' };
    const proxy = await runProxy(t, { config, files });
    const { response } = open(`${proxy.url}/iot/x`);
    await up.requests.first();
    t.match(await proxy.stop(), { code: 1 });
    await t.rejects(response);
    t.match(proxy.log.all('stopped'), [{ inFlight: 1 }]);
});
t.test('addresses that cannot be listened on', async (t) => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.teardown(() => taken.close());
    const { port } = taken.address();
    const directory = await mkdtemp(join(tmpdir(), 'run-'));
    t.teardown(() => rm(directory, { recursive: true }));
    const by = async (listen) => {
        const config = { ...oneRoute('https://127.0.0.1:1'), listen };
        await writeFiles(directory, { ...files, 'proxy.yaml': stringify(config) });
        return runCommand(['run', '--config', join(directory, 'proxy.yaml')]);
    };
    t.match(await by(`127.0.0.1:${port}`), { code: 1, stderr: `mtls-proxy: 127.0.0.1:${port} is in use` });
    t.match(await by(['127.0.0.1:0', `127.0.0.1:${port}`]), { code: 1, stderr: /is in use by another program/ });
    t.match(await by('unix:/proc/none/p.sock'), { code: 1, stderr: /unix|\/proc\/none/ });
});
//# sourceMappingURL=run.test.js.map