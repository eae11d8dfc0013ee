import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { stringify } from 'yaml';
import { send } from '../fixtures/client.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

/** What test/pack/run.sh has made. */
function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run this by test/pack/run.sh`);
  return value;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const command = join(given('GLOBAL'), 'bin/mtls-proxy');
const app = given('APP');
const nodes = [
  process.execPath,
  ...given('NODES')
    .split(' ')
    .filter((node) => node !== ''),
];
const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };

/** Runs a program to its end, whatever that is. */
async function run(program: string, args: readonly string[], cwd?: string, more: NodeJS.ProcessEnv = {}) {
  const options = { cwd, timeout: 60_000, env: { ...process.env, ...more } };
  return promisify(execFile)(program, [...args], options).then(
    ({ stdout, stderr }) => ({ code: 0 as unknown, stdout, stderr }),
    (error: Error & { code?: unknown; stdout: string; stderr: string }) => ({
      code: error.code ?? error.message,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  );
}

t.test('it holds what is needed, and nothing of development', async (t) => {
  const { stdout } = await run('tar', ['-tzf', given('TARBALL')]);
  const files = stdout.trim().split('\n');
  const wanted =
    /^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|config\/|certs\/(README\.md|make-dev-pki\.sh)$|deploy\/|docs\/|dist\/(src\/main\.js|src\/api\/.*|src\/cli\/(program|pino-pretty)\.cjs|src\/admin\/page\/client\/client\.js)$)/;
  t.same(
    files.filter((file) => !wanted.test(file)),
    [],
  );
  t.same(
    files.filter((file) => /\.(map|ts|key|p12|pem)$|\btest\b|bench/.test(file) && !file.endsWith('.d.ts')),
    [],
  );
  for (const file of [
    'dist/src/main.js',
    'dist/src/cli/program.cjs',
    'dist/src/cli/pino-pretty.cjs',
    'dist/src/api/index.js',
    'config/proxy.yaml',
    'deploy/systemd/mtls-proxy.service',
  ]) {
    t.ok(files.includes(`package/${file}`), file);
  }
});

t.test('npm install -g puts the command in place; so does npx, in an empty folder', async (t) => {
  t.same(await run(command, ['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  t.match(given('NPX_DEMO'), /Every outcome is the right one/);
});

for (const node of nodes) {
  const name = `Node ${(await run(node, ['--version'])).stdout.trim()}`;

  t.test(`${name}: check, demo, and a request through run`, async (t) => {
    const upstream = await startUpstream(t, required);
    const config = oneRoute(upstream.url);
    const folder = await makeFolder(t, { ...pkiFiles(pki), 'proxy.yaml': stringify(config) });
    t.match(await run(node, [command, 'check', '--live'], folder), {
      code: 2,
      stderr: /cannot read the configuration/,
    });
    t.match(await run(node, [command, 'check', '--live', '--config', 'proxy.yaml'], folder), {
      code: 0,
      stdout: /^proxy\.yaml: ok \(1 route: iot\)\niot: ok: TLSv1\.3/,
    });
    t.match(await run(node, [command, 'demo', '--once'], folder), {
      code: 0,
      stdout: /Every outcome is the right one/,
    });
    const proxy = await runProxy(t, {
      config: { ...config, admin: '127.0.0.1:0' },
      files: pkiFiles(pki),
      script: command,
      launch: ([, ...rest]) => [node, ...rest],
    });
    t.match(await send(`${proxy.url}/iot/hello`), { status: 200 });
    t.match(await send(`${proxy.admin}/`), { status: 200 }, 'the status page');
    t.match(await proxy.stop(), { code: 0 });
  });

  t.test(`${name}: a program imports it, or requires it`, async (t) => {
    const upstream = await startUpstream(t, required);
    const body = `
      const proxy = createProxy(${JSON.stringify({ ...oneRoute(upstream.url), admin: '127.0.0.1:0' })}, { cwd: process.argv[2] });
      proxy.start().then(async ({ addresses }) => {
        const response = await fetch('http://' + addresses[0] + '/iot/hello');
        console.log(response.status, JSON.stringify(await proxy.stop()));
      });`;
    await writeFiles(app, {
      'imports.mjs': `import { createProxy } from 'local-mtls-proxy';${body}`,
      'requires.cjs': `const { createProxy } = require('local-mtls-proxy');${body}`,
    });
    const folder = await makeFolder(t, pkiFiles(pki));
    for (const file of ['imports.mjs', 'requires.cjs']) {
      t.match(
        await run(node, ['--no-warnings', join(app, file), folder]),
        { code: 0, stdout: '200 {"cut":0}\n', stderr: '' },
        file,
      );
    }
  });
}

t.test('the program of docs/api.md', async (t) => {
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/api.md'), 'utf8')) ?? [];
  const upstream = await startUpstream(t, required);
  await writeFiles(app, { 'documented.mjs': program });
  const folder = await makeFolder(t, pkiFiles(pki));
  const { code, stdout, stderr } = await run(process.execPath, [join(app, 'documented.mjs')], folder, {
    UPSTREAM: upstream.url,
  });
  t.same([code, stderr], [0, '']);
  t.match(stdout, /"msg":"request"[\s\S]*^200$/m);
  t.equal(upstream.requests.all()[0]?.target, '/devices');
});

t.test('TypeScript knows its types, and marks a wrong key', async (t) => {
  const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, types: [] };
  const right = `
import { type Configuration, ConfigurationError, createProxy, type MtlsProxy, type Route } from 'local-mtls-proxy';
const config: Configuration = {
  listen: '127.0.0.1:0',
  routes: [{
    name: 'iot', match: { path: '/iot' }, upstream: 'https://device.example:8743',
    tls: { versions: ['TLSv1.2', 'TLSv1'], ca: 'ca.pem', cert: 'client.crt', key: 'client.key', passphrase: { env: 'PASS' } },
  }],
};
const proxy: MtlsProxy = createProxy(config, { env: {} });
export const started: Promise<readonly string[]> = proxy.start().then(({ addresses }) => addresses);
export const lines = (error: unknown): number[] =>
  error instanceof ConfigurationError ? error.problems.map(({ line }) => line) : [];
export const names = (routes: readonly Route[]): (string | number)[] => routes.map(({ name }) => name);
createProxy({ file: 'proxy.yaml' }, { log: { write: (line: string) => line.length } });
`;
  await writeFiles(app, {
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({ compilerOptions, files: ['right.ts'] }),
    'wrong.json': JSON.stringify({ compilerOptions, files: ['wrong.ts'] }),
    'right.ts': right,
    'wrong.ts': right.replace('versions:', 'versoins:'),
  });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  t.same(await run(process.execPath, [tsc, '-p', app]), { code: 0, stdout: '', stderr: '' });
  t.match(await run(process.execPath, [tsc, '-p', join(app, 'wrong.json')]), { stdout: /wrong\.ts\(7,.*versoins/ });
});
