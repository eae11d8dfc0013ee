import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { pki } from '../../fixtures/pair.ts';
import { pkiFiles, writeFiles } from '../../fixtures/pki.ts';
import { command, oneRoute } from '../../fixtures/proxy.ts';

/** Starts the built command with a standard output of its own, on a Unix socket, whose address no line of the log has to tell. */
async function start(t: Test, stdout: number | 'pipe') {
  const folder = await mkdtemp(join(tmpdir(), 'mtls-proxy-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, 'listen.sock');
  const config = { ...oneRoute('https://127.0.0.1:1'), listen: `unix:${socketPath}` };
  await writeFiles(folder, { ...pkiFiles(pki), 'proxy.yaml': stringify(config) });
  const args = [command, 'run', '--config', join(folder, 'proxy.yaml')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', stdout, 'pipe'] });
  const exited = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ask = async (): Promise<number | undefined> => {
    const asked = request({ socketPath, path: '/iot', agent: false }).end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode;
  };
  return { child, exited, ask, said: () => said };
}

t.test('a disk that is full', async (t) => {
  const full = openSync('/dev/full', 'w');
  const { child, exited, ask, said } = await start(t, full);
  closeSync(full);
  // The line that says on what it listens is the first that is lost.
  await once(child.stderr as NodeJS.ReadableStream, 'data');
  for (let n = 0; n < 3; n += 1) t.equal(await ask(), 502);
  child.kill();
  t.same(await exited, [0, null]);
  t.match(said(), /^mtls-proxy: the log cannot be written \(ENOSPC: [^\n]*\); lines are lost until it can\n$/, 'once');
});

t.test('a pipe whose reader is gone', async (t) => {
  const { child, exited, ask, said } = await start(t, 'pipe');
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.stdout?.destroy();
  for (let n = 0; n < 3; n += 1) t.equal(await ask(), 502);
  child.kill();
  t.same(await exited, [0, null]);
  t.equal(said(), '');
});
