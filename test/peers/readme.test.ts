import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { blocksOf, commandsIn, readDocument, root, sectionOf } from '../fixtures/documents.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { Log } from '../fixtures/proxy.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { keepRunning, run } from './local.ts';

const use = sectionOf(readDocument('README.md'), 'Use it');
const pki = await makePki();

t.test('README.md: what stands under "Use it", in a checkout', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const yaml = blocksOf(use).find(({ language }) => language === 'yaml')?.text ?? '';
  const certificates = Object.entries(pkiFiles(pki)).map(([name, content]) => [`certs/${name}`, content] as const);
  const checkout = await makeFolder(t, {});
  await mkdir(join(checkout, 'config'));
  await mkdir(join(checkout, 'certs'));
  await symlink(join(root, 'dist'), join(checkout, 'dist'));
  await writeFiles(checkout, {
    ...Object.fromEntries(certificates),
    'config/proxy.yaml': yaml
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:0')
      .replace('https://device.example.com:8743', up.url),
  });

  const [build, check = '', start = '', ask = ''] = commandsIn(use).map(({ command }) => command);
  t.equal(build, 'npm run build', 'which has been done where this test runs');
  t.match(await run('bash', ['-ec', check], { cwd: checkout }), { code: 0, stdout: /ok \(1 route: iot\)/ });
  const log = new Log();
  keepRunning(t, `exec ${start}`, checkout, (line) => log.add(line));
  const { address } = await log.next((line) => line.msg === 'listening' && line['admin'] !== true);
  const asked = await run('bash', ['-ec', ask.replace('localhost:8080', String(address))]);
  t.match(asked, { code: 0, stdout: /"client":"client".*"target":"\/api\/devices"/ });
});
