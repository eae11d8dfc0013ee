import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { send } from '../fixtures/client.ts';
import { Journal } from '../fixtures/journal.ts';
import { intolerant, until12 } from '../fixtures/ladder.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { command, oneRoute } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startFront, startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();

/** Runs the command on a terminal of its own, sends it a request that makes it fall back, and stops it. @returns what the terminal showed */
async function onTerminal(t: Scope, env: NodeJS.ProcessEnv): Promise<string[]> {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert, ...until12 });
  const front = await startFront(t, { to: up, decide: intolerant });
  const directory = await mkdtemp(join(tmpdir(), 'terminal-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(oneRoute(front.url)) });
  const line = `exec '${process.execPath}' '${command}' run --config '${directory}/proxy.yaml'`;
  // util-linux's: a pseudo-terminal for a command, whose output it passes on.
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = new Journal<string>('line on the terminal');
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split(/\r*\n/);
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(part);
  });
  const ended = once(child, 'close').then(() => lines.end('the command ended'));
  t.teardown(() => child.kill('SIGKILL'));
  const [, address = ''] =
    /listening on (\S+:\d+)/.exec(await lines.first((each) => each.includes('listening on'))) ?? [];
  await send(`http://${address}/iot/devices?secret=1`);
  await lines.first((each) => each.includes('/iot/devices'));
  child.stdin.write('\x03'); // Ctrl-C
  await lines.first((each) => each.includes('stopped'));
  await ended;
  return lines.all();
}

t.test('on a terminal each event is a sentence, in colours', async (t) => {
  const lines = await onTerminal(t, {});
  const coloured = lines.filter((line) => line.includes('\x1b['));
  t.ok(coloured.length >= 5, lines.join('\n'));
  t.match(lines.join('\n'), '\x1b[1miot\x1b[0m: GET /iot/devices answered \x1b[32m200\x1b[0m in ');
});

for (const [name, env] of [
  ['NO_COLOR', { NO_COLOR: '1' }],
  ['a terminal that knows none', { TERM: 'dumb' }],
] as const) {
  t.test(`without colours for ${name}`, async (t) => {
    const lines = (await onTerminal(t, env)).filter((line) => / [A-Z]+: /.test(line));
    const text = lines.join('\n');
    t.notMatch(text, '\x1b');
    for (const line of lines) t.match(line, /^(?:\^C)?\d\d:\d\d:\d\d\.\d{3} (?:INFO|WARN): /);
    t.match(
      text,
      /INFO: iot: TLSv1\.2 with 127\.0\.0\.1:\d+ in \d+ ms \(.*\): TLSv1\.3\+TLSv1\.2 reset \(ECONNRESET\) \d+ ms, then .*TLSv1\.2 ok \d+ ms\n/,
    );
    t.match(
      text,
      /WARN: iot: fell back from TLSv1\.3\+TLSv1\.2 to TLSv1\.2 with 127\.0\.0\.1:\d+, after reset \(ECONNRESET\)\n/,
    );
    t.match(text, /INFO: iot: GET \/iot\/devices answered 200 in \d+ ms \(TLSv1\.2, [23] attempts, \d+ B\)\n/);
    t.match(text, /INFO: draining, 0 requests still running\n.*INFO: stopped$/);
    t.notMatch(text, 'secret');
  });
}
