import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import t from 'tap';
import { stringify } from 'yaml';
import { command } from '../../src/cli/command.ts';
import { commands, overview } from '../../src/cli/help.ts';
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
async function run(argv: readonly string[], env: NodeJS.ProcessEnv = {}, outside: Partial<Io> = {}) {
  const stdout = new Text();
  const stderr = (outside.stderr ?? new Text()) as Text;
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
    ...outside,
  };
  const code = await command(argv, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

t.beforeEach(() =>
  writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(oneRoute('https://127.0.0.1:1')) }),
);

t.test('--help and --version, everywhere', async (t) => {
  for (const name of [[], ['run'], ['check'], ['probe'], ['healthcheck'], ['schema'], ['demo']]) {
    const told = new RegExp(name.length === 0 ? 'mtls-proxy check' : `^mtls-proxy \\[?${name[0]}\\b`);
    for (const argv of [
      [...name, '--help'],
      [...name, '-h'],
      ['help', ...name],
      ['--help', ...name],
    ]) {
      t.match(await run(argv), { code: 0, stdout: told, stderr: '' }, argv.join(' '));
    }
    for (const flag of ['--version', '-V']) {
      t.match(await run([...name, flag]), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' });
    }
  }
  t.match(await run(['help', 'help']), { code: 0, stdout: overview });
  t.match(await run(['help', 'prob']), { code: 2, stderr: /no command "prob".* did you mean probe\?/ });
});

t.test('help names every option of a command, every exit code, and fits a terminal', async (t) => {
  for (const [name, { options, help }] of Object.entries(commands)) {
    for (const option of options) t.match(help, `--${option}`, `${name} --${option}`);
    t.match(help, `  mtls-proxy ${name}`.replace(' run', ''), 'an example');
  }
  const texts = [overview, ...Object.values(commands).map(({ help }) => help)];
  t.same(
    texts.flatMap((text) => text.split('\n')).filter((line) => line.length > 125),
    [],
  );
  for (const name of Object.keys(commands)) t.match(overview, name);
});

t.test('what was meant is guessed, where it is near', async (t) => {
  for (const [argv, hint] of [
    [['chekc'], 'did you mean check?'],
    [['--cofnig', 'x'], 'there is no option --cofnig; did you mean --config?'],
    [['run', '--jsn'], 'did you mean --json?'],
    [['run', '--live'], '"run" takes no option --live; check does'],
    [['run', '--json'], '; check, probe do'],
  ] as const) {
    t.match(await run(argv), { code: 2, stderr: hint }, argv.join(' '));
  }
  t.notMatch((await run(['nonsense'])).stderr, /did you mean/);
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

t.test('check --json is one document, with all problems or none', async (t) => {
  const good = await run(['check', '--json', '--config', file]);
  t.same(JSON.parse(good.stdout), { file, ok: true, problems: [], routes: ['iot'] });
  t.match(good, { code: 0, stderr: '' });

  await writeFiles(directory, { 'proxy.yaml': 'listen: nonsense\nroutse: []\n' });
  const bad = await run(['check', '--json', '--config', file]);
  t.match(JSON.parse(bad.stdout), {
    ok: false,
    problems: [
      { severity: 'error', file, line: 1, column: 1, message: /routes/ },
      { severity: 'error', file, line: 1, column: 9 },
      { severity: 'error', file, line: 2, column: 1, message: /routes/ },
    ],
    routes: [],
  });
  t.match(bad, { code: 2, stderr: /3 errors in/ });
});

t.test('what takes longer than a second shows on a terminal what it waits for', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1');
  t.teardown(() => silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  await writeFiles(directory, { 'proxy.yaml': stringify(oneRoute(`https://127.0.0.1:${port}`)) });
  const stop = new AbortController();
  const stderr = Object.assign(new Text(), { isTTY: true });
  // As Ctrl-C, once it is there.
  const write = stderr.write.bind(stderr) as (text: string) => boolean;
  Object.assign(stderr, {
    write: (text: string) => {
      if (text.includes('waiting for iot')) stop.abort();
      return write(text);
    },
  });
  const { code } = await run(['check', '--live', '--config', file], {}, { stderr, signal: stop.signal });
  t.equal(code, 1);
  t.equal(stderr.text, '\r\x1b[Kwaiting for iot …\r\x1b[K');
});

t.test('run with a bad configuration listens on nothing', async (t) => {
  await writeFiles(directory, { 'proxy.yaml': 'listen: nonsense\n' });
  t.match(await run(['run', '--config', file]), { code: 2, stdout: '', stderr: /proxy\.yaml:1:/ });
});
