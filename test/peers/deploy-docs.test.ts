import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { blocksOf, commandsIn, readDocument, root, sectionOf } from '../fixtures/documents.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { beside, run } from './local.ts';

const text = sectionOf(readDocument('docs/deploy.md'), 'systemd');

t.test('docs/deploy.md: the lines for systemd put everything in its place', async (t) => {
  const [block] = blocksOf(text).filter(({ language }) => language === 'sh');
  const [reload = '', log = '', socket = ''] = [
    'systemctl reload',
    'journalctl',
    'systemctl enable --now mtls-proxy.socket',
  ].map((begin) => commandsIn(text).find(({ command }) => command.startsWith(begin))?.command);
  const origin = await makeFolder(t, {});
  await cp(join(root, 'deploy'), join(origin, 'deploy'), { recursive: true });
  const git = `git -C ${origin} -c user.name=A -c user.email=a@example.com`;
  const made = await run('bash', ['-ec', `${git} init -q && ${git} add . && ${git} commit -q -m Begin`]);
  t.equal(made.code, 0, made.stderr);

  const lines = [
    ...(block?.text ?? '').replace('git clone …', `git clone -q file://${origin}`).trim().split('\n'),
    reload,
    log,
    'cp deploy/systemd/mtls-proxy.socket /etc/systemd/system/',
    socket,
  ];
  const { code, stdout, stderr } = await run('unshare', [
    '--mount',
    '--propagation',
    'private',
    'bash',
    beside('etc-of-its-own.sh'),
    await makeFolder(t, {}),
    lines.join('\n'),
  ]);
  t.equal(code, 0, stderr);
  t.same(stdout.trim().split('\n'), [
    'npm ci --ignore-scripts',
    'npm run build',
    'npm ci --omit=dev --omit=optional --ignore-scripts',
    'systemctl daemon-reload',
    'systemctl enable --now mtls-proxy',
    'systemctl reload mtls-proxy',
    'journalctl -u mtls-proxy',
    'systemctl enable --now mtls-proxy.socket',
    'drwxr-x--- root mtls-proxy /etc/mtls-proxy',
    'mtls-proxy /usr/sbin/nologin',
    'multi-user.target.wants/mtls-proxy.service',
    'sockets.target.wants/mtls-proxy.socket',
  ]);
});
