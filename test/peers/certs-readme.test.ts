import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { send } from '../fixtures/client.ts';
import { commandsIn, readDocument, root } from '../fixtures/documents.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { keepRunning, run } from './local.ts';

const commands = commandsIn(readDocument('certs/README.md')).map(({ command }) => command);
const [local = '', named = '', anew = ''] = commands.filter((each) => each.startsWith('certs/make-dev-pki.sh'));
const serve = commands.find((each) => each.startsWith('openssl s_server')) ?? '';
const looks = commands.filter((each) => /^openssl (x509|verify) /.test(each));

/** A folder with the script in it, as in a checkout, and a shell that stands there. */
async function checkout(t: Test) {
  const folder = await makeFolder(t, {});
  await mkdir(join(folder, 'certs'));
  await copyFile(join(root, 'certs/make-dev-pki.sh'), join(folder, 'certs/make-dev-pki.sh'));
  return { folder, shell: (command: string) => run('bash', ['-ec', command], { cwd: folder }) };
}

t.test('certs/README.md: the certificates are made, looked at, and made anew', async (t) => {
  const { shell } = await checkout(t);
  t.match(await shell(named), { code: 0, stderr: '' });
  t.equal(looks.length, 2);
  for (const look of looks)
    t.match(await shell(look), { code: 0, stdout: /development-client|certs\/client\.crt: OK/ }, look);
  t.match(await shell(anew), { code: 0, stderr: '' });
});

t.test('certs/README.md: a server of openssl demands them, and the proxy comes through', async (t) => {
  const { folder, shell } = await checkout(t);
  t.match(await shell(local), { code: 0, stderr: '' });
  const port = await new Promise<string>((resolve) => {
    const script = `cd certs && exec ${serve.replace('-accept 8443', '-accept 127.0.0.1:0')}`;
    keepRunning(t, script, folder, (line) => {
      const found = /^ACCEPT .*:(\d+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const place = (name: string) => join(folder, 'certs', name);
  const tls = { ca: place('ca.pem'), cert: place('client.crt'), key: place('client.key') };
  const proxy = await runProxy(t, { config: oneRoute(`https://localhost:${port}`, tls) });
  t.equal((await send(`${proxy.url}/iot/`)).status, 200);
});
