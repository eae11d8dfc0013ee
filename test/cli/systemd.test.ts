import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Systemd, type SystemdOptions } from '../../src/cli/systemd.ts';
import { send } from '../fixtures/client.ts';
import { pki, trusting } from '../fixtures/pair.ts';
import { pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

/** A systemd-notify that keeps a record of what it was told. */
async function record(t: Test, script = 'echo "$NOTIFY_SOCKET $*" >>"$0.told"') {
  const directory = await mkdtemp(join(tmpdir(), 'systemd-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const program = join(directory, 'systemd-notify');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const told = async (): Promise<string[]> => {
    const text = await readFile(`${program}.told`, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  };
  return {
    env: { PATH: `${directory}:${process.env['PATH']}`, NOTIFY_SOCKET: '/run/n.sock' },
    told,
    /** Waits for a line. */
    async heard(pattern: RegExp, times = 1): Promise<void> {
      while ((await told()).filter((line) => pattern.test(line)).length < times) await delay(10);
    },
  };
}

/** The notifier by itself, with what it warned of. */
function notifier(options: Omit<SystemdOptions, 'warn'>) {
  const warnings: string[] = [];
  return { systemd: new Systemd({ ...options, warn: (text) => warnings.push(text) }), warnings };
}

t.test('run tells of its start, that it lives, and of its end', async (t) => {
  const { env, told, heard } = await record(t);
  const up = await startUpstream(t, trusting);
  const config = oneRoute(up.url);
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), env: { ...env, WATCHDOG_USEC: '150000' } });
  await heard(/WATCHDOG=1$/, 2);
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
  const lines = await told();
  t.equal(lines[0], `/run/n.sock READY=1 STATUS=listening on ${proxy.addresses[0]}`);
  t.equal(lines.at(-1), '/run/n.sock STOPPING=1 STATUS=draining');
  t.same(new Set(lines.slice(1, -1)), new Set(['/run/n.sock WATCHDOG=1']));
  t.same(
    proxy.log.all().filter(({ msg, level }) => msg === 'request' && level !== 30),
    [],
    'the knocks are in no log',
  );
});

t.test('without NOTIFY_SOCKET nothing is told', async (t) => {
  for (const NOTIFY_SOCKET of [undefined, '']) {
    const { env, told } = await record(t);
    const { systemd, warnings } = notifier({ env: { ...env, WATCHDOG_USEC: '1000', NOTIFY_SOCKET } });
    systemd.ready(() => []);
    systemd.stopping();
    await systemd.close();
    t.same(await told(), []);
    t.same(warnings, []);
  }
});

t.test('a watchdog that is meant for another process is not told', async (t) => {
  const { env, told } = await record(t);
  const { systemd } = notifier({ env: { ...env, WATCHDOG_USEC: '1000', WATCHDOG_PID: '7' }, pid: 8 });
  systemd.ready(() => []);
  await delay(50);
  await systemd.close();
  t.equal((await told()).length, 1);
  const ours = await record(t);
  const { systemd: other } = notifier({ env: { ...ours.env, WATCHDOG_USEC: '1000', WATCHDOG_PID: '8' }, pid: 8 });
  other.ready(() => []);
  await ours.heard(/WATCHDOG=1/);
  await other.close();
});

t.test('the watchdog is told only while a listener answers', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const { env, told, heard } = await record(t);
  const { systemd, warnings } = notifier({ env: { ...env, WATCHDOG_USEC: '30000' } });
  systemd.ready(() => [`127.0.0.1:${port}`]);
  while (warnings.length < 2) await delay(5);
  t.match(warnings[0], /^the watchdog is not told that all is well: 127\.0\.0\.1:\d+ takes no connection/);
  t.notMatch(await told(), [/WATCHDOG/]);
  server.on('connection', (socket) => socket.resume().end());
  server.listen(port, '127.0.0.1');
  t.teardown(() => server.close());
  await heard(/WATCHDOG=1/);
  systemd.stopping();
  await systemd.close();
  t.match((await told()).at(-1), /STOPPING=1/);
});

t.test('what does not work is told, and is no reason to end', async (t) => {
  const up = await startUpstream(t, trusting);
  const by = async (env: Record<string, string>): Promise<string> => {
    const proxy = await runProxy(t, { config: oneRoute(up.url), files: pkiFiles(pki), env });
    t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
    const { code, stderr } = await proxy.stop();
    t.equal(code, 0);
    return stderr;
  };
  const nowhere = { NOTIFY_SOCKET: '/run/n.sock', PATH: '/nowhere' };
  t.match(await by(nowhere), /systemd could not be told READY=1: there is no systemd-notify on the PATH; .* Type=exec/);
  const failing = await record(t, 'echo "Failed to notify init system: no" >&2; exit 1');
  t.match(await by(failing.env), 'systemd could not be told READY=1: Failed to notify init system: no');
  const killed = await record(t, 'kill -9 $$');
  t.match(await by(killed.env), 'systemd could not be told STOPPING=1: systemd-notify ended with SIGKILL');
});
