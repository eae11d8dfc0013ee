import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { stringify } from 'yaml';
import { makePki, writePki } from '../../fixtures/pki.ts';
import { command, Log, oneRoute, runCommand } from '../../fixtures/proxy.ts';

const routes = [{ name: 'a', match: { path: '/a' }, upstream: 'https://127.0.0.1:1' }];

t.test('a configuration that came by a pipe cannot be read again, and that is said', async (t) => {
  const directory = t.testdir({});
  await writePki(directory, await makePki());
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const child = spawn(process.execPath, [command, 'run', '--config', pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const log = new Log();
  createInterface(child.stdout).on('line', (line) => log.add(line));
  await writeFile(pipe, stringify(oneRoute('https://127.0.0.1:1')));
  await log.next('listening');
  child.kill('SIGHUP');
  t.match(await log.next('reload'), { level: 50, generation: 1, problems: [/pipe:1:1: .* came from a pipe/] });
  child.kill('SIGTERM');
  t.same(await exited, [0, null]);
  t.equal(log.all('reload').length, 1);
  await rm(pipe);
});

t.test('several processes cannot all read one pipe, and that is said at the start', async (t) => {
  const directory = t.testdir({});
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const ended = runCommand(['run', '--config', pipe]);
  await writeFile(pipe, stringify({ listen: '127.0.0.1:0', workers: 2, routes }));
  t.match(await ended, {
    code: 2,
    stdout: '',
    stderr:
      /^mtls-proxy: .*pipe came from a pipe, and each of several processes has to read it; name a file, or set `workers: 1`\n$/,
  });
  await rm(pipe);
});
