import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { sentenceOf } from '../../src/sentence.ts';
import { blocksOf, readDocument, root, sectionOf } from '../fixtures/documents.ts';
import { command, Log } from '../fixtures/proxy.ts';
import { keepRunning, run } from './local.ts';

const tutorial = readDocument('docs/tutorial.md');
const steps = [...tutorial.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
const step = (n: number) => blocksOf(sectionOf(tutorial, steps[n - 1] ?? ''));
const commandsOf = (n: number) =>
  step(n)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text);
const outputOf = (n: number) => step(n).find(({ language }) => language === '')?.text ?? '';

const directory = await mkdtemp(join(tmpdir(), 'tutorial-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));
const environment = commandsOf(1)[1]?.split('\n')[0] ?? '';

/** Ports of the document to those of this run. */
const ports = new Map<string, string>();
const here = (text: string): string =>
  text
    .replace(/\b(8743|8080)\b/g, (port) => ports.get(port) ?? port)
    .replaceAll('../dist/src/main.js', command)
    .replaceAll('certs/make-dev-pki.sh', join(root, 'certs/make-dev-pki.sh'));

/** What a person does in a terminal that stands in the tutorial's folder. */
const shell = (text: string) => run('bash', ['-ec', `${environment}\n${here(text)}`], { cwd: directory });

/** A program of the document that keeps running, with its lines; ended at the test's end. */
function keep(text: string, onLine: (line: string) => void): void {
  keepRunning(t, `${environment}\nexec ${here(text).trim().split('\n').at(-1)}`, directory, onLine);
}

/** A line without what differs from run to run. */
const plain = (line: string): string =>
  line
    .trim()
    .replace(/\blocalhost:\d+/g, 'localhost:PORT')
    .replace(/Node \S+ with OpenSSL \S+/, 'Node with OpenSSL')
    .replace(/\d{4}-\d\d-\d\d, in \d+ days/, 'DAY')
    .replace(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
    .replace(/ +/g, ' ');

t.test('docs/tutorial.md', async (t) => {
  await t.test(steps[0] ?? '', async (t) => {
    const [make = '', stores = ''] = commandsOf(1);
    const made = await run('bash', [
      '-ec',
      here(make).replace('--dir tutorial', `--dir ${directory}`).replace('cd tutorial', ''),
    ]);
    t.equal(made.code, 0, made.stderr);
    const kept = await shell(stores);
    t.equal(kept.code, 0, kept.stderr);
  });

  await t.test(steps[1] ?? '', async (t) => {
    for (const { info, text } of [...step(2), ...step(3)])
      if (info !== '') await writeFile(join(directory, info), text);
    const device = await readFile(join(directory, 'device.mjs'), 'utf8');
    t.match(device, 'listen(8743,');
    await writeFile(join(directory, 'device.mjs'), device.replace('listen(8743,', 'listen(0,'));
    const port = await new Promise<string>((resolve) =>
      keep(commandsOf(2)[0] ?? '', (line) => resolve(line.replace(/\D/g, ''))),
    );
    ports.set('8743', port);
  });

  await t.test(steps[2] ?? '', async (t) => {
    const { code, stdout, stderr } = await shell(commandsOf(3)[0] ?? '');
    t.match({ code, stdout }, { code: 1, stdout: '' });
    t.equal(
      stderr.split('\n').find((line) => line.startsWith('Exception')),
      outputOf(3).trim(),
    );
  });

  await t.test(steps[3] ?? '', async (t) => {
    const yaml = step(4).find(({ info }) => info === 'proxy.yaml')?.text ?? '';
    t.equal(yaml.trim().split('\n').length, 9, 'as many lines as the heading says');
    await writeFile(join(directory, 'proxy.yaml'), here(yaml).replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:0'));
    const { code, stderr } = await shell(commandsOf(4)[0] ?? '');
    t.equal(code, 0, stderr);
  });

  await t.test(steps[4] ?? '', async (t) => {
    const { code, stdout, stderr } = await shell(commandsOf(5)[0] ?? '');
    t.equal(code, 0, stderr);
    const printed = new Set(stdout.split('\n').map(plain));
    for (const line of outputOf(5).split('\n')) t.ok(printed.has(plain(line)), line);
  });

  const log = new Log();
  const told = () => log.all().map((line) => plain(sentenceOf(line)));

  await t.test(steps[5] ?? '', async (t) => {
    const [start = '', ask = ''] = commandsOf(6);
    keep(start, (line) => log.add(line));
    const { address } = await log.next((line) => line.msg === 'listening' && line['admin'] !== true);
    ports.set('8080', String(address).replace(/.*:/, ''));
    const { code, stdout, stderr } = await shell(ask);
    t.equal(code, 0, stderr);
    t.equal(stdout, outputOf(6));
  });

  await t.test(steps[6] ?? '', async (t) => {
    await log.next('request');
    for (const line of outputOf(7).trim().split('\n')) {
      // A Node with a post-quantum group makes an attempt more.
      const wanted = plain(line).replace(/2 attempts/, '\\d attempts');
      if (!line.includes(', then '))
        t.match(told().join('\n'), new RegExp(`^${wanted.replace(/[()+.]/g, '\\$&')}$`, 'm'), line);
    }
    t.match(told().join('\n'), /TLSv1\.3\+TLSv1\.2 reset \(ECONNRESET\) TIME, then .*TLSv1\.2 ok TIME$/m);
  });

  await t.test(steps[7] ?? '', async (t) => {
    const line = step(8).find(({ language }) => language === 'yaml')?.text ?? '';
    const file = join(directory, 'proxy.yaml');
    const from = log.lines.length;
    await writeFile(file, (await readFile(file, 'utf8')).replace('    tls:\n', `    tls:\n${line}`));
    await log.next('reload', from);
    const { code, stderr } = await shell(commandsOf(6)[1] ?? '');
    t.equal(code, 0, stderr);
    await log.next('request', from);
    const after = told().slice(from);
    for (const line of outputOf(8).trim().split('\n'))
      t.ok(after.includes(plain(line)), `${line} in\n${after.join('\n')}`);
  });
});
