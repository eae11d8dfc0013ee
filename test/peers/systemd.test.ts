import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { send } from '../fixtures/client.ts';
import { blocksOf, readDocument } from '../fixtures/documents.ts';
import { Journal } from '../fixtures/journal.ts';
import { pki, trusting } from '../fixtures/pair.ts';
import { uncovered } from '../fixtures/permission.ts';
import { pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { beside, run } from './local.ts';

const units = fileURLToPath(new URL('../../../deploy/systemd/', import.meta.url));

async function folder(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'systemd-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

/** The units with the Node of this machine in them, because what a unit names must be there to be verified. */
async function copies(t: Test): Promise<string[]> {
  const directory = await folder(t);
  const names = (await readdir(units)).filter((name) => /\.(service|socket)$/.test(name));
  for (const name of names) {
    const text = await readFile(join(units, name), 'utf8');
    await writeFile(join(directory, name), text.replace('/usr/bin/node', process.execPath));
  }
  return names.map((name) => join(directory, name));
}

t.test('systemd-analyze verify has nothing to say of the units', async (t) => {
  const { code, stdout, stderr } = await run('systemd-analyze', ['verify', ...(await copies(t))]);
  t.match({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
});

t.test('docs/guard.md: the socket unit that it shows is one', async (t) => {
  const [unit] = blocksOf(readDocument('docs/guard.md')).filter(({ language }) => language === 'ini');
  const socket = (await copies(t)).find((path) => path.endsWith('.socket')) ?? '';
  await writeFile(socket, unit?.text ?? '');
  const { code, stdout, stderr } = await run('systemd-analyze', ['verify', socket]);
  t.match({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  t.match(await readFile(socket, 'utf8'), /^FileDescriptorName=/m);
});

t.test('systemd-analyze security: little is exposed', async (t) => {
  const service = (await copies(t)).find((path) => path.endsWith('.service')) ?? '';
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', service]);
  const [, level] = /Overall exposure level for mtls-proxy\.service: (\d+\.\d)/.exec(stdout) ?? [];
  t.comment(`exposure level ${level} of 10`);
  t.ok(Number(level) <= 1.5);
});

t.test('a real systemd-notify takes READY, WATCHDOG and STOPPING to where systemd listens', async (t) => {
  const NOTIFY_SOCKET = join(await folder(t), 'notify.sock');
  const receiver = spawn('python3', [beside('notify-socket.py'), NOTIFY_SOCKET], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => receiver.kill());
  const told = new Journal<string>('word to systemd');
  createInterface(receiver.stdout).on('line', (line) => told.push(line));
  await told.first((line) => line === 'listening');
  const up = await startUpstream(t, trusting);
  const env = { NOTIFY_SOCKET, WATCHDOG_USEC: '300000' };
  const proxy = await runProxy(t, { config: oneRoute(up.url), files: pkiFiles(pki), env });
  await told.first((line) => line === 'READY=1');
  await told.first((line) => line === `STATUS=listening on ${proxy.addresses[0]}`);
  await told.first((line) => line === 'WATCHDOG=1');
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  t.match(await proxy.stop(), { code: 0, stderr: '' });
  await told.first((line) => line === 'STOPPING=1');
  t.pass('all three came');
});

/** The system calls of a set of systemd's, and of those within it. */
async function callsOf(set: string): Promise<Set<string>> {
  const { stdout } = await run('systemd-analyze', ['syscall-filter', set]);
  const calls = new Set<string>();
  for (const [, name = ''] of stdout.matchAll(/^ {4}(@?\w[\w-]*)$/gm)) {
    if (!name.startsWith('@')) calls.add(name);
    else for (const call of await callsOf(name)) calls.add(call);
  }
  return calls;
}

t.test('the system calls that it makes are those that the unit allows', async (t) => {
  const text = await readFile(join(units, 'mtls-proxy.service'), 'utf8');
  const filters = [...text.matchAll(/^SystemCallFilter=(~?)(.*)$/gm)];
  t.equal(filters.length, 2);
  const allowed = await callsOf('@default');
  for (const [, not, sets = ''] of filters) {
    for (const set of sets.split(' ')) {
      for (const call of await callsOf(set)) {
        if (not === '') allowed.add(call);
        else allowed.delete(call);
      }
    }
  }
  t.ok(allowed.size > 200);
  const trace = join(await folder(t), 'trace');
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), admin: '127.0.0.1:0' };
  const strace = ['strace', '-D', '-f', '-q', '-o', trace];
  const launch = (argv: readonly string[]): string[] => [...uncovered, ...strace, ...argv];
  const env = { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: '300000' };
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), launch, env });
  t.equal((await send(`${proxy.url}/iot/x`, { method: 'POST', body: Buffer.alloc(100_000) })).status, 200);
  t.equal((await send(`${proxy.admin}/metrics`)).status, 200);
  await proxy.stop();
  const end = new RegExp(`^${proxy.pid} +\\+\\+\\+ exited`, 'm');
  let seen = '';
  while (!end.test(seen)) {
    await delay(20);
    seen = await readFile(trace, 'utf8');
  }
  const made = new Set([...seen.matchAll(/^\d+ +(\w+)\(/gm)].map(([, call = '']) => call));
  t.ok(made.has('epoll_wait') || made.has('epoll_pwait'));
  t.same(
    [...made].filter((call) => !allowed.has(call)),
    [],
  );
});
