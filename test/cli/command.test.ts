import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import t from 'tap';
import { stringify } from 'yaml';
import { command } from '../../src/cli/command.ts';
import type { Io } from '../../src/cli/io.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { oneRoute } from '../fixtures/proxy.ts';

const directory = await mkdtemp(join(tmpdir(), 'command-'));
t.teardown(() => rm(directory, { recursive: true }));
const file = join(directory, 'proxy.yaml');
const pki = await makePki();

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs a command with its outside held in the hand. It is asked to stop at once. */
async function run(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const stdout = new Text();
  const stderr = new Text();
  const io: Io = {
    stdout,
    stderr,
    env,
    forget: () => undefined,
    keepPrivate: () => undefined,
    catchStray: () => undefined,
    catchHangups: () => ({ each: () => undefined }),
    stopped: Promise.resolve(),
    signal: AbortSignal.abort(),
  };
  const code = await command(argv, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

t.beforeEach(() =>
  writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(oneRoute('https://127.0.0.1:1')) }),
);

t.test('--help and --version, everywhere', async (t) => {
  for (const name of [[], ['run'], ['check'], ['demo']]) {
    for (const flag of ['--help', '-h']) {
      t.match(await run([...name, flag]), { code: 0, stdout: /mtls-proxy check/, stderr: '' });
    }
    for (const flag of ['--version', '-V']) {
      t.match(await run([...name, flag]), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' });
    }
  }
});

t.test('usage errors are exit 2, and say what there is', async (t) => {
  for (const [argv, message] of [
    [['prob'], /there is no command "prob"; there are: run, check, probe, healthcheck, schema, demo/],
    [['check', 'extra'], /"check" takes no argument "extra"/],
    [['run', '--once'], /"run" takes no option --once/],
    [['demo', '--config', 'x'], /"demo" takes no option --config/],
    [['--nonsense'], /--nonsense/],
    [['--config'], /config/],
    [['toString'], /no command "toString"/],
  ] as const) {
    const { code, stdout, stderr } = await run(argv);
    t.equal(code, 2, argv.join(' '));
    t.equal(stdout, '');
    t.match(stderr, message);
    t.match(stderr, /mtls-proxy check \[--config FILE\]/);
  }
});

t.test('the configuration: --config, then $MTLS_PROXY_CONFIG, then config/proxy.yaml', async (t) => {
  t.match(await run(['check', '--config', file], { MTLS_PROXY_CONFIG: '/nowhere' }), { code: 0, stdout: /: ok/ });
  t.match(await run(['check'], { MTLS_PROXY_CONFIG: file }), { code: 0, stdout: `${file}: ok (1 route: iot)\n` });
  const nowhere = join(directory, 'nowhere.yaml');
  t.match(await run(['check', '--config', nowhere]), { code: 2, stderr: /cannot read the configuration/ });
});

t.test('check', async (t) => {
  const two = oneRoute('https://127.0.0.1:1') as { routes: { name: string; match: object }[] };
  two.routes.push({ ...(two.routes[0] as (typeof two.routes)[0]), name: 'other', match: { path: '/other' } });
  await writeFiles(directory, { 'proxy.yaml': stringify(two) });
  t.match(await run(['check', '--config', file]), { code: 0, stdout: /ok \(2 routes: iot, other\)/ });

  await writeFiles(directory, { 'client.key': pki.other.client.key });
  const one = await run(['check', '--config', file]);
  t.match(one, { code: 2, stdout: '', stderr: /proxy\.yaml:\d+:\d+: .*is not the key of any in/ });
  t.match(one.stderr, /\d errors? in/);

  await writeFiles(directory, { 'proxy.yaml': 'listen: nonsense\nroutes: []\n' });
  t.match(await run(['check', '--config', file]), { code: 2, stderr: /error/ });
  await writeFiles(directory, { 'proxy.yaml': stringify(oneRoute('https://127.0.0.1:1')), 'client.key': 'nothing' });
  t.match(await run(['check', '--config', file]), { code: 2, stderr: /1 error in/ });
});

t.test('run with a bad configuration listens on nothing', async (t) => {
  await writeFiles(directory, { 'proxy.yaml': 'listen: nonsense\n' });
  t.match(await run(['run', '--config', file]), { code: 2, stdout: '', stderr: /proxy\.yaml:1:/ });
});
