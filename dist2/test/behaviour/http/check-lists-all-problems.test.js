import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { pki } from '../../fixtures/pair.js';
import { pkiFiles, writeFiles } from '../../fixtures/pki.js';
import { runCommand } from '../../fixtures/proxy.js';
async function directoryOf(t) {
    const directory = await mkdtemp(join(tmpdir(), 'mtls-proxy-'));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    return directory;
}
async function check(directory, lines) {
    await writeFiles(directory, { 'proxy.yaml': `${lines.join('\n')}\n`, ...pkiFiles(pki) });
    const file = join(directory, 'proxy.yaml');
    const result = await runCommand(['check', '--config', file]);
    const places = result.stderr.split('\n').flatMap((line) => {
        const found = /:(\d+):(\d+): (.*)$/.exec(line);
        return line.startsWith(file) && found !== null
            ? [{ line: Number(found[1]), column: Number(found[2]), message: `${found[3]}` }]
            : [];
    });
    return { ...result, places };
}
t.test('E8 check names all problems at once, with line, column, source line and caret', async (t) => {
    const { code, stdout, stderr, places } = await check(await directoryOf(t), [
        'listen: 127.0.0.1:0',
        'drain: soon',
        'limitz: {}',
        'routes:',
        '  - name: iot',
        '    match: { path: /iot }',
        '    upstream: https://localhost:1',
        '    tls: { ca: missing.pem, cert: client.crt, key: client.key }',
        '  - name: iot',
        '    match: { path: /other }',
        '    upstream: https://localhost:1',
        '    timeouts: { conect: 5s }',
        '    tls: { ca: ca.pem, cert: client.crt, key: client.key, resume: [] }',
    ]);
    t.equal(code, 2);
    t.equal(stdout, '');
    t.match(places, [
        { line: 2, column: 8 },
        { line: 3, column: 1, message: /"?limitz"?.*limits/ },
        { line: 8, column: 16, message: /missing\.pem/ },
        { line: 9, column: 11, message: /iot/ },
        { line: 12, column: 17, message: /conect.*connect/ },
        { line: 13, column: 67 },
    ], stderr);
    t.equal(places.length, 6);
    t.match(stderr, /\n\s*limitz: \{\}\n\s*\^/);
    t.match(stderr, /mtls-proxy check: 6 errors in /);
});
t.test('E8 a tab and a duplicate key', async (t) => {
    const { code, places, stderr } = await check(await directoryOf(t), [
        'listen: 127.0.0.1:0',
        'listen: 127.0.0.1:1',
        'routes:',
        '\t- name: iot',
    ]);
    t.equal(code, 2);
    t.ok(places.some(({ line, column }) => line === 2 && column === 1), stderr);
    t.ok(places.some(({ line, message }) => line === 4 && /tab/i.test(message)), stderr);
});
t.test('E8 nothing is wrong: exit 0, and nothing listens', async (t) => {
    const directory = await directoryOf(t);
    const { code, stdout, stderr } = await check(directory, [
        `listen: unix:${join(directory, 'p.sock')}`,
        'routes:',
        '  - name: iot',
        '    match: { path: /iot }',
        '    upstream: https://localhost:1',
        '    tls: { ca: ca.pem, cert: client.crt, key: client.key }',
    ]);
    t.equal(stderr, '');
    t.equal(code, 0);
    t.match(stdout, /: ok \(1 route: iot\)\n$/);
    t.notOk(readdirSync(directory).includes('p.sock'));
});
//# sourceMappingURL=check-lists-all-problems.test.js.map