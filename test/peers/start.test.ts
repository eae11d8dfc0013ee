import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { blocksOf, readDocument, sectionOf } from '../fixtures/documents.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { last, run } from './local.ts';

const start = readDocument('docs/start.md');
const pki = await makePki();

t.test(
  'docs/start.md: every program under "Run here" gets its answer, by base URL and as through a proxy',
  async (t) => {
    const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
    const [yaml] = blocksOf(sectionOf(start, 'The configuration')).filter(({ language }) => language === 'yaml');
    const config = (yaml?.text ?? '')
      .replace('listen: 127.0.0.1:8080', 'listen: 127.0.0.1:0')
      .replace(/^( +upstream: )https:\/\/device\.example\.com:8743/gm, `$1${up.url}`);
    t.match(config, new RegExp(`${up.port}/api\\n[\\s\\S]*${up.port}\\n`));
    const proxy = await runProxy(t, { config, files: pkiFiles(pki) });
    const directory = await mkdtemp(join(tmpdir(), 'start-'));
    t.teardown(() => rm(directory, { recursive: true, force: true }));

    const runHere = sectionOf(start, 'Run here');
    const stacks = [...runHere.matchAll(/^### (.+)$/gm)].map(([, name = '']) => name);
    t.same(stacks, ['curl', 'Java: HttpClient', 'Java: HttpURLConnection', 'Python: requests', 'Python: urllib']);
    for (const stack of stacks) {
      await t.test(stack, async (t) => {
        const blocks = blocksOf(sectionOf(runHere, stack));
        for (const { info, text } of blocks) if (info !== '') await writeFile(join(directory, info), text);
        const commands = blocks
          .filter(({ language }) => language === 'sh')
          .flatMap(({ text }) => text.trim().split('\n'));
        t.ok(commands.length >= 2);
        for (const command of commands) {
          const before = up.requests.length;
          const { code, stdout, stderr } = await run('bash', ['-c', command.replaceAll('8080', String(proxy.port))], {
            cwd: directory,
          });
          t.equal(code, 0, stderr);
          t.match(stdout, /"client":"client".*"method":"GET","target":"\/api\/devices"/, command);
          t.equal(up.requests.length, before + 1);
          t.equal(last(up).connection.client, 'client');
        }
      });
    }
    const routes = new Set(proxy.log.all('request').map(({ route }) => route));
    t.same([...routes].sort(), ['device', 'iot'], 'both ways');
  },
);
