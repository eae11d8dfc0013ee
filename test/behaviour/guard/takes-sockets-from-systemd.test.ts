import { openSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { activation, type OpenSocket, openSocket } from '../../fixtures/activation.ts';
import { send } from '../../fixtures/client.ts';
import { pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { oneRoute, type ProcessOptions, runCommand, runProxy } from '../../fixtures/proxy.ts';
import { reconfigure, refusal, swap } from '../../fixtures/reload.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

async function folder(t: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'activation-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The command with these sockets, which nobody else has any more. */
async function start(
  t: Test,
  keys: object,
  sockets: readonly OpenSocket[],
  { names, listeners = sockets.length }: { names?: string[]; listeners?: number } = {},
) {
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), ...keys };
  const starting = runProxy(t, { config, files: pkiFiles(pki), listeners, ...activation(sockets, names) });
  // The command has them from the moment that it was spawned.
  const proxy = await starting;
  for (const socket of sockets) socket.close();
  return { up, proxy, config };
}

/** What a start that fails says. */
async function fail(t: Test, keys: object, options: ProcessOptions) {
  const directory = await folder(t);
  const config = { ...oneRoute('https://device.test'), ...keys };
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': JSON.stringify(config) });
  return runCommand(['run', '--config', join(directory, 'proxy.yaml')], options);
}

t.test('all that is handed over', async (t) => {
  const sockets = [await openSocket(t, { host: '127.0.0.1', port: 0 }), await openSocket(t, { host: '::1', port: 0 })];
  const { proxy } = await start(t, { listen: 'systemd' }, sockets);
  t.same(proxy.addresses, [`127.0.0.1:${sockets[0]?.port}`, `[::1]:${sockets[1]?.port}`]);
  for (const address of proxy.addresses) t.equal((await send(`http://${address}/iot`)).status, 200, address);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
});

t.test('by name: each for what it is, and routes can tell', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  const [web, watch, local] = await Promise.all([
    openSocket(t, { host: '127.0.0.1', port: 0 }),
    openSocket(t, { host: '127.0.0.1', port: 0 }),
    openSocket(t, { path: unix }),
  ]);
  const up = await startUpstream(t, trusting);
  const { routes } = oneRoute(up.url) as { routes: object[] };
  const by = (name: string, listen: string) => ({ ...routes[0], name, match: { path: '/iot', listen } });
  const config = {
    listen: ['systemd:web', 'systemd:local'],
    admin: 'systemd:watch',
    routes: [by('a', 'systemd:web'), by('b', 'systemd:local')],
  };
  const starting = runProxy(t, {
    config,
    files: pkiFiles(pki),
    ...activation([web, watch, local], ['web', 'watch', 'local']),
  });
  const proxy = await starting;
  for (const socket of [web, watch, local]) socket.close();
  t.same(proxy.addresses, [`127.0.0.1:${web.port}`, `unix:${unix}`]);
  t.equal(proxy.admin, `http://127.0.0.1:${watch.port}`);
  t.equal((await send(`${proxy.admin}/healthz`)).status, 200);
  t.equal((await send(`${proxy.url}/iot`)).status, 200);
  t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
  t.same(
    proxy.log.all('request').map(({ route }) => route),
    ['a', 'b'],
  );
  t.ok((await stat(unix)).isSocket(), 'whose it is, removes it');
});

t.test('E5 an address that other machines reach is refused unless that is meant', async (t) => {
  const open = () => openSocket(t, { host: '0.0.0.0', port: 0 });
  const socket = await open();
  const { code, stderr } = await fail(t, { listen: 'systemd' }, activation([socket]));
  t.equal(code, 1);
  t.match(stderr, /systemd cannot be listened on: 0\.0\.0\.0:\d+ is no loopback address.*"exposed: true"/);

  const exposed = { listen: 'systemd', exposed: true };
  const unguarded = await fail(t, exposed, activation([socket]));
  t.match(unguarded, { code: 2, stderr: /who may use the proxy from other machines\?/ });

  const keys = { ...exposed, guard: { token: { env: 'TOKEN' } } };
  const up = await startUpstream(t, trusting);
  const options = activation([socket]);
  const proxy = await runProxy(t, {
    ...options,
    env: { ...options.env, TOKEN: 'tok' },
    config: { ...oneRoute(up.url), ...keys },
    files: pkiFiles(pki),
  });
  socket.close();
  t.match(proxy.log.all('listening'), [{ address: `0.0.0.0:${socket.port}`, exposed: true }]);
  const own = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal);
  const headers = { 'Proxy-Authorization': 'Bearer tok' };
  for (const host of ['127.0.0.1', ...(own === undefined ? [] : [own.address])]) {
    t.equal((await send(`http://${host}:${socket.port}/iot`, { headers })).status, 200, host);
  }
  // It was opened as what it is, so a reload that no longer allows it changes nothing.
  const line = await refusal(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), listen: 'systemd' }));
  t.match(line['problems'], [/no loopback address/]);
});

t.test('what was not handed over', async (t) => {
  const socket = await openSocket(t, { host: '127.0.0.1', port: 0 });
  const listen = { listen: 'systemd:web' };
  t.match(await fail(t, listen, {}), {
    code: 1,
    stderr: /systemd:web cannot be .*no socket was handed over \(LISTEN_FDS\)/,
  });
  t.match(await fail(t, listen, activation([socket], ['other'])), {
    code: 1,
    stderr: /no socket of that name was handed over; there are: other \(FileDescriptorName=/,
  });
  t.match(await fail(t, listen, activation([socket])), { code: 1, stderr: /there are: unknown/ });
  const stranger = { ...activation([socket], ['web']), launch: (argv: readonly string[]) => argv };
  const env = { ...stranger.env, LISTEN_PID: '1' };
  t.match(await fail(t, listen, { ...stranger, env }), {
    code: 1,
    stderr: /LISTEN_PID names another process \(1\): let systemd start Node itself/,
  });
  t.match(await fail(t, { listen: ['systemd:web', 'systemd'] }, activation([socket], ['web'])), {
    code: 2,
    stderr: /systemd takes all that systemd hands over/,
  });
});

t.test('what is no socket to listen on', async (t) => {
  const file = openSync('/dev/null', 'r');
  const socket = { descriptor: file, port: 0, close: () => undefined };
  const told =
    /descriptor 3 is no stream socket to listen on \(\w+\); the \.socket unit needs ListenStream= and Accept=no/;
  t.match(await fail(t, { listen: 'systemd' }, activation([socket])), { code: 1, stderr: told });
  const options = { ...activation([]), env: { LISTEN_FDS: '1' } };
  t.match(await fail(t, { listen: 'systemd' }, options), { code: 1, stderr: told }, 'there is no such descriptor');
});

t.test('check asks for no socket', async (t) => {
  const directory = await folder(t);
  const config = { ...oneRoute('https://device.test'), listen: 'systemd:web' };
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': JSON.stringify(config) });
  t.match(await runCommand(['check', '--config', join(directory, 'proxy.yaml')]), { code: 0, stderr: '' });
});

t.test('guard.users: over loopback as ever; a Unix socket of another program is refused', async (t) => {
  const own = process.getuid?.() ?? 0;
  const socket = await openSocket(t, { host: '127.0.0.1', port: 0 });
  const { proxy } = await start(t, { listen: 'systemd', guard: { users: [own] } }, [socket]);
  t.equal((await send(`${proxy.url}/iot`)).status, 200);
  const unix = await openSocket(t, { path: join(await folder(t), 'p.sock') });
  t.match(await fail(t, { listen: 'systemd', guard: { users: [own] } }, activation([unix])), {
    code: 1,
    stderr: /p\.sock is a Unix socket that another program has opened.*SocketMode=/,
  });
});

t.test('C10 a reload keeps them, and does not take one back that was given up', async (t) => {
  const socket = await openSocket(t, { host: '127.0.0.1', port: 0 });
  const { proxy, config } = await start(t, { listen: ['systemd:web', '127.0.0.1:0'] }, [socket], {
    names: ['web'],
    listeners: 2,
  });
  await swap(proxy, () => reconfigure(proxy, { ...config, drain: '29s' }));
  t.equal((await send(`${proxy.url}/iot`)).status, 200);
  await swap(proxy, () => reconfigure(proxy, { ...config, listen: '127.0.0.1:0' }));
  await t.rejects(send(`${proxy.url}/iot`), { code: 'ECONNREFUSED' });
  const line = await refusal(proxy, () => reconfigure(proxy, config));
  t.match(line['problems'], [/descriptor 3 is, or was, listened on by another listener of this process; restart it/]);
});

t.test('with several processes all of them serve what was handed over to the first', async (t) => {
  const sockets = [await openSocket(t, { host: '127.0.0.1', port: 0 }), await openSocket(t, { host: '::1', port: 0 })];
  const { proxy } = await start(t, { listen: 'systemd', workers: 2 }, sockets);
  t.same(proxy.addresses, [`127.0.0.1:${sockets[0]?.port}`, `[::1]:${sockets[1]?.port}`]);
  for (const address of proxy.addresses) {
    const pids = await untilServedBy(proxy, `http://${address}/iot`, 2);
    t.equal(pids.length, 2, address);
  }
  t.match(await proxy.stop(), { code: 0, stderr: '' });

  const unix = join(await folder(t), 'p.sock');
  const local = await start(t, { listen: 'systemd', workers: 2 }, [await openSocket(t, { path: unix })]);
  t.same(local.proxy.addresses, [`unix:${unix}`]);
  for (let n = 0; n < 4; n += 1) t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
  t.match(await local.proxy.stop(), { code: 0, stderr: '' });
  t.ok((await stat(unix)).isSocket());

  const exposed = await openSocket(t, { host: '0.0.0.0', port: 0 });
  const { code, stderr } = await fail(t, { listen: 'systemd', workers: 2 }, activation([exposed]));
  t.equal(code, 1);
  t.match(stderr, /0\.0\.0\.0:\d+ is no loopback address/);
});
