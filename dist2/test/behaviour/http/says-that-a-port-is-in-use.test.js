import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { pki } from '../../fixtures/pair.js';
import { pkiFiles, writeFiles } from '../../fixtures/pki.js';
import { oneRoute, runCommand } from '../../fixtures/proxy.js';
t.test('E7 a port in use: one clear message, exit 1', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address();
    const directory = await mkdtemp(join(tmpdir(), 'mtls-proxy-'));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    const listen = ['127.0.0.1:0', `127.0.0.1:${port}`];
    const config = { ...oneRoute('https://localhost:1'), listen };
    await writeFiles(directory, { 'proxy.yaml': stringify(config), ...pkiFiles(pki) });
    const { code, stdout, stderr } = await runCommand(['run', '--config', `${directory}/proxy.yaml`]);
    t.equal(code, 1);
    t.equal(stderr, `mtls-proxy: 127.0.0.1:${port} is in use by another program; stop it, or change \`listen\`\n`);
    t.notMatch(stdout, '"listening"', 'nothing listens');
});
//# sourceMappingURL=says-that-a-port-is-in-use.test.js.map