import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { pki } from '../../fixtures/pair.ts';
import { pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { oneRoute, type Result, runCommand, runProxy } from '../../fixtures/proxy.ts';

/** Runs the proxy, and asks it by `healthcheck` with the configuration as it came to be: with the ports that it chose. */
async function start(t: Test, more: object, env: Record<string, string> = {}) {
  const config = { ...oneRoute('https://127.0.0.1:1'), ...more };
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), env });
  const admin = proxy.admin.replace('http://', '');
  const [listen = ''] = proxy.addresses;
  const chosen = {
    ...config,
    listen,
    ...(admin !== '' && { admin }),
    ...('admin' in more && admin === '' && { admin: more.admin }),
  };
  const file = join(proxy.directory, 'chosen.yaml');
  await writeFiles(proxy.directory, { 'chosen.yaml': stringify(chosen) });
  const healthcheck = (): Promise<Result> => runCommand(['healthcheck'], { env: { ...env, MTLS_PROXY_CONFIG: file } });
  return { proxy, listen, admin, file, healthcheck };
}

t.test('the admin listener is asked for /healthz', async (t) => {
  const { proxy, admin, healthcheck } = await start(t, { admin: '127.0.0.1:0' });
  t.match(await healthcheck(), { code: 0, stdout: `${admin} is alive\n`, stderr: '' });
  await proxy.stop();
  t.match(await healthcheck(), {
    code: 1,
    stdout: '',
    stderr: `mtls-proxy healthcheck: ${admin} gives no answer (ECONNREFUSED)\n`,
  });
});

t.test('with the token of the guard', async (t) => {
  const config = { admin: '127.0.0.1:0', guard: { token: { env: 'TOKEN' } } };
  const { proxy, healthcheck } = await start(t, config, { TOKEN: 'secret-token' });
  t.match(await healthcheck(), { code: 0, stderr: '' });
  const text = `${proxy.log.all().map((line) => JSON.stringify(line))}`;
  t.notMatch(text, /secret-token/);
});

t.test('an answer other than 200 is told', async (t) => {
  const guard = { token: { env: 'TOKEN' } };
  const { admin, file } = await start(t, { admin: '127.0.0.1:0', guard }, { TOKEN: 'right' });
  const { code, stderr } = await runCommand(['healthcheck', '--config', file], { env: { TOKEN: 'wrong' } });
  t.equal(code, 1);
  t.match(stderr, `${admin} answered 407: {`);
});

t.test('without an admin listener the first listener is, and it logs nothing of it', async (t) => {
  const { proxy, listen, healthcheck } = await start(t, {});
  t.match(await healthcheck(), { code: 0, stdout: `${listen} is alive\n`, stderr: '' });
  t.same(
    proxy.log.all().map(({ msg }) => msg),
    ['listening'],
  );
  await proxy.stop();
  t.match(await healthcheck(), { code: 1, stderr: `${listen} takes no connection (ECONNREFUSED)` });
});

t.test('unix sockets, of both kinds', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'healthcheck-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const listen = `unix:${directory}/p.sock`;
  const admin = `unix:${directory}/a.sock`;
  const first = await start(t, { listen });
  t.match(await first.healthcheck(), { code: 0, stdout: `${listen} is alive\n` });
  await first.proxy.stop();
  t.match(await first.healthcheck(), { code: 1, stderr: /takes no connection \(ENOENT\)/ });
  const second = await start(t, { admin });
  t.match(await second.healthcheck(), { code: 0, stdout: `${admin} is alive\n` });
});

t.test('a file that has become wrong does not make a running proxy ill', async (t) => {
  const { admin, file, healthcheck } = await start(t, { admin: '127.0.0.1:0' });
  await appendFile(file, 'nonsense: true\n');
  t.match(await healthcheck(), { code: 0, stdout: `${admin} is alive\n` });
});

t.test('where nobody can know where to ask: exit 2, and what to change', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'healthcheck-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const file = join(directory, 'proxy.yaml');
  const by = async (config: object): Promise<Result> => {
    await writeFiles(directory, { 'proxy.yaml': stringify({ ...oneRoute('https://127.0.0.1:1'), ...config }) });
    return runCommand(['healthcheck', '--config', file]);
  };
  t.match(await by({}), { code: 2, stderr: /with port 0 nobody knows where to ask; give `listen` a port/ });
  t.match(await by({ admin: '127.0.0.1:0' }), { code: 2, stderr: /give `admin` a port/ });
  t.match(await by({ listen: 'nonsense' }), {
    code: 2,
    stderr: /proxy\.yaml:1:9: .*\n.*\n.*\n(?:.*\n)*.*does not say where to ask/,
  });
  t.match(await runCommand(['healthcheck', '--config', `${file}.no`]), {
    code: 2,
    stderr: /cannot read the configuration/,
  });
});

t.test('one that takes connections and does no more is not alive', async (t) => {
  const listening = async (server: Server): Promise<string> => {
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    t.teardown(() => new Promise((resolve) => server.close(resolve)));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const sockets = new Set<Socket>();
  const held = await listening(createServer({ allowHalfOpen: true }, (socket) => void sockets.add(socket)));
  const silent = await listening(createHttpServer((_request, response) => void response.on('error', () => undefined)));
  const directory = await mkdtemp(join(tmpdir(), 'healthcheck-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const by = async (name: string, config: object): Promise<Result> => {
    await writeFiles(directory, { [name]: stringify({ ...oneRoute('https://127.0.0.1:1'), ...config }) });
    return runCommand(['healthcheck', '--config', join(directory, name)]);
  };
  const both = await Promise.all([by('a.yaml', { listen: held }), by('b.yaml', { admin: silent })]);
  for (const socket of sockets) socket.destroy();
  for (const result of both) t.match(result, { code: 1, stderr: /did not answer within 5000 ms\n$/ });
});
