import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { stringify } from 'yaml';
import { makePki, pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { command, Log, oneRoute } from '../../fixtures/proxy.ts';

/** Whether a process catches SIGHUP, the first of the signals in the mask (proc(5)). */
async function catchesHangup(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return (Number.parseInt(/^SigCgt:\s+[0-9a-f]+([0-9a-f])$/m.exec(status)?.[1] ?? '0', 16) & 1) === 1;
}

t.test('a SIGHUP that comes before it listens is heeded when it does', async (t) => {
  const directory = t.testdir({});
  const config = oneRoute('https://127.0.0.1:1');
  await writeFiles(directory, { ...pkiFiles(await makePki()), 'proxy.yaml': stringify(config) });
  const child = spawn(process.execPath, [command, 'run', '--config', join(directory, 'proxy.yaml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const log = new Log();
  createInterface(child.stdout).on('line', (line) => log.add(line));
  while (!(await catchesHangup(child.pid ?? 0))) await turn();
  child.kill('SIGHUP');
  t.match(await log.next('reload'), { level: 30, generation: 1, changed: [] });
  t.same(
    log.all().map(({ msg }) => msg),
    ['listening', 'reload'],
  );
  child.kill('SIGTERM');
  t.same(await exited, [0, null]);
});
