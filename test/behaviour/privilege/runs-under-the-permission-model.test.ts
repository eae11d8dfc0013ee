import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { send } from '../../fixtures/client.ts';
import { pki, trusting } from '../../fixtures/pair.ts';
import { permission, uncovered } from '../../fixtures/permission.ts';
import { pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { oneRoute, type ProcessOptions, runCommand, runProxy } from '../../fixtures/proxy.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const restricted: NonNullable<ProcessOptions['launch']> = ([node, script = '', ...args]) => {
  // `run --config FILE`: the folder of the configuration is all that it may read besides the package.
  const folder = dirname(args[args.indexOf('--config') + 1] ?? '');
  return [...uncovered, node, '--no-warnings', ...permission(folder, '/proc/self/'), script, ...args];
};
const options = { launch: restricted };

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'permission-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

t.test('run, with requests and metrics', async (t) => {
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), admin: '127.0.0.1:0' };
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), ...options });
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  t.equal((await send(`${proxy.url}/iot/x`, { method: 'POST', body: 'text' })).status, 200);
  const metrics = (await send(`${proxy.admin}/metrics`)).text();
  t.match(metrics, /^process_open_fds [1-9]/m, 'of /proc/self');
  t.match(await proxy.stop(), { code: 0, stderr: '' });
});

t.test('a file that changes is noticed, and read', async (t) => {
  const up = await startUpstream(t, { ...trusting, ca: [pki.ca.cert, pki.other.ca.cert] });
  const proxy = await runProxy(t, { config: oneRoute(up.url), files: pkiFiles(pki), ...options });
  const { client } = pki.other;
  const renewed = { 'client.crt': client.chain, 'client.key': client.key };
  await swap(proxy, () => replaceFiles(proxy.directory, renewed));
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  t.equal(up.requests.at(-1).connection.client, 'other-client');
  t.same(
    proxy.log.all().filter(({ level }) => level === 40),
    [],
    'nothing keeps changes from being noticed at once',
  );
});

t.test('check and check --live', async (t) => {
  const up = await startUpstream(t, trusting);
  const directory = await folder(t);
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(oneRoute(up.url)) });
  const file = join(directory, 'proxy.yaml');
  t.match(await runCommand(['check', '--config', file], options), { code: 0, stdout: /: ok/ });
  t.match(await runCommand(['check', '--config', file, '--live'], options), { code: 0, stdout: /^iot: ok: TLSv1\.3/m });
});

t.test('probe', async (t) => {
  const up = await startUpstream(t, trusting);
  const directory = await folder(t);
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(oneRoute(up.url)) });
  const result = await runCommand(['probe', '--config', join(directory, 'proxy.yaml'), 'iot', '--json'], options);
  t.equal(result.code, 0, result.stderr);
  t.match(JSON.parse(result.stdout), { confirmed: true });
});

t.test('a file outside is refused, and the diagnostic names it and the flag', async (t) => {
  const outside = join(await folder(t), 'client.key');
  await writeFile(outside, pki.client.key);
  const directory = await folder(t);
  const config = stringify(oneRoute('https://127.0.0.1:1', { key: outside }));
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': config });
  const file = join(directory, 'proxy.yaml');
  t.match(await runCommand(['check', '--config', file]), { code: 0 }, 'without the model it is fine');
  const { code, stderr } = await runCommand(['check', '--config', file], options);
  t.equal(code, 2);
  t.match(stderr, `cannot read ${outside}: Node's permission model forbids it; start it with --allow-fs-read`);
});

t.test('a unix socket needs its path to be readable and writable', async (t) => {
  const sockets = await folder(t);
  await chmod(sockets, 0o700);
  const socket = join(sockets, 'p.sock');
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), listen: `unix:${socket}` };
  const directory = await folder(t);
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(config) });
  const refused = await runCommand(['run', '--config', join(directory, 'proxy.yaml')], options);
  t.match(refused, { code: 1, stdout: '' });
  t.match(refused.stderr, `unix:${socket} is forbidden by Node's permission model; a socket's path needs both --allow`);

  const flags = [`--allow-fs-read=${socket}`, `--allow-fs-write=${socket}`];
  const proxy = await runProxy(t, {
    config,
    files: pkiFiles(pki),
    launch: (argv) => restricted(argv).flatMap((word) => (word === '--no-warnings' ? [word, ...flags] : [word])),
  });
  t.equal((await send('http://localhost/iot/x', { socketPath: socket })).status, 200);
  t.match(await proxy.stop(), { code: 0 });
});

t.test('no other program is started: systemd is not told, and that is said', async (t) => {
  const up = await startUpstream(t, trusting);
  const env = { NOTIFY_SOCKET: '/run/n.sock' };
  const proxy = await runProxy(t, { config: oneRoute(up.url), files: pkiFiles(pki), env, ...options });
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  const { code, stderr } = await proxy.stop();
  t.equal(code, 0);
  t.match(stderr, /could not be told READY=1: Node's permission model lets no program be started; .* Type=exec/);
});

t.test('guard.users needs /proc/net/ to be readable', async (t) => {
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), guard: { users: [process.getuid?.()] } };
  const proxy = await runProxy(t, {
    config,
    files: pkiFiles(pki),
    launch: (argv) =>
      restricted(argv).flatMap((word) => (word === '--no-warnings' ? [word, '--allow-fs-read=/proc/net/'] : [word])),
  });
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
});

t.test('docs/security.md has the same flags for each line of Node', async (t) => {
  const text = await readFile(new URL('../../../../docs/security.md', import.meta.url), 'utf8');
  const major = process.versions.node.split('.')[0];
  const [, row = ''] = new RegExp(`^\\| ${major}\\b[^|]*\\| (.*) \\|$`, 'm').exec(text) ?? [];
  const asked = permission().filter((flag) => !flag.startsWith('--allow-fs-read='));
  for (const flag of asked) t.match(row, `\`${flag}\``);
  t.equal((row.match(/`--/g) ?? []).length, asked.length, 'and no other');
});
