import t from 'tap';
import { send } from '../fixtures/client.ts';
import { blocksOf, readDocument, sectionOf } from '../fixtures/documents.ts';
import { postQuantum } from '../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { runCommand, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const readme = readDocument('README.md');
const blocks = blocksOf(readme);

t.test('README.md: the two commands come first', async (t) => {
  t.match(readme, /^# local-mtls-proxy\n\n```sh\nnpm ci && npm run demo\n```\n\n```sh\nnpm ci && npm test\n```\n/);
});

t.test('README.md: what the demo prints is what it shows', async (t) => {
  const { code, stdout } = await runCommand(['demo', '--once']);
  t.equal(code, 0);
  const plain = (line: string): string => line.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
  const shown = (blocks.find(({ text }) => text.startsWith('Plain HTTP in'))?.text ?? '').trim().split('\n').map(plain);
  const printed = stdout.split('\n').map(plain);
  t.ok(shown.length > 15);
  // The attempts are those of a Node without a post-quantum group, as it says below.
  const same = (line: string): string => (postQuantum ? line.replace(/ +(?:-> )?TLSv\S+ \w+$/, '') : line).trimEnd();
  const lines = new Set(printed.map(same));
  t.same(
    shown.map(same).filter((line) => !lines.has(line)),
    [],
  );
});

t.test('README.md: its ten lines work', async (t) => {
  const pki = await makePki();
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const yaml = blocksOf(sectionOf(readme, 'Use it')).find(({ language }) => language === 'yaml')?.text ?? '';
  t.equal(yaml.trim().split('\n').length, 10);
  const config = yaml
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:0')
    .replace('https://device.example.com:8743', up.url)
    .replaceAll('../certs/', '');
  const proxy = await runProxy(t, { config, files: pkiFiles(pki) });
  const { address } = await proxy.log.next((line) => line.msg === 'listening' && line['admin'] !== true);
  const reply = await send(`http://${String(address)}/iot/devices`);
  t.equal(reply.status, 200);
  t.match(reply.json(), { client: 'client', target: '/api/devices' });
});

t.test('README.md and docs/comparison.md: memory when idle is what the bench has measured', async (t) => {
  const [first = ''] = readDocument('docs/performance.md').split('<!-- The end of what was measured. -->');
  const rows = first.matchAll(/^\| ([\w-]+) \| [\d.]+ \| ([\d.]+) \|$/gm);
  const measured = new Map([...rows].map(([, name, part]) => [name, 1 / Number(part)]));
  const times = (name: string): string => {
    const ratio = measured.get(name) ?? Number.NaN;
    return ratio < 3 ? ratio.toFixed(1) : ratio.toFixed(0);
  };
  const [head = [], cells = []] = ['', 'memory, idle'].map((begin) =>
    new RegExp(`^\\| ${begin}.*\\|$`, 'm')
      .exec(sectionOf(readme, 'Beside others'))?.[0]
      .split('|')
      .map((cell) => cell.trim()),
  );
  const shown = Object.fromEntries(head.map((name, index) => [name, cells[index]]));
  const named = ['nginx', 'HAProxy', 'stunnel', 'Caddy'];
  for (const name of named) t.equal(shown[name], `1/${times(name)}`, name);
  const [caddy, haproxy, nginx, stunnel] = ['Caddy', 'HAProxy', 'nginx', 'stunnel'].map(times);
  const sentence = `about ${caddy} times what Caddy takes, ${haproxy} times HAProxy, ${nginx} times nginx, ${stunnel} times stunnel`;
  t.ok(readDocument('docs/comparison.md').replace(/\s+/g, ' ').includes(sentence), sentence);
});
