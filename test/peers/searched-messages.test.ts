import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';
import { createSecureContext } from 'node:tls';
import t from 'tap';
import { codeIn, readDocument, sectionOf } from '../fixtures/documents.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { type Scene, scenes } from '../fixtures/searched-messages.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { run } from './local.ts';

const pki = await makePki();
const files = pkiFiles(pki) as Record<string, string>;
const messages = sectionOf(readDocument('docs/problems.md'), 'Error messages');
const cwd = await makeFolder(t, files);

/** What of a route's `tls` a scene says, for those who ask without this proxy. */
interface Said {
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly ciphers?: string;
  readonly versions?: readonly string[];
  readonly keystore?: { readonly file: string; readonly password: string };
}

const saidBy = ({ tls }: Scene): Said => ({ cert: 'client.crt', key: 'client.key', ...tls });
const textOf = (error: unknown): string => `${(error as Error).message} ${(error as NodeJS.ErrnoException).code}`;

/** What a program of Node's says that asks the upstream itself. */
async function node(upstream: string, { cert, key, ciphers, versions }: Said): Promise<string> {
  const own = cert !== undefined && { cert: files[cert], key: files[key ?? ''] };
  const options = { ca: pki.ca.cert, ...own, ciphers, ...(versions && { maxVersion: versions[0] }), agent: false };
  const asked = request(upstream, { ...options, timeout: 1_000 } as RequestOptions);
  asked.once('timeout', () => asked.destroy());
  asked.end();
  return once(asked, 'response').then(() => 'answered', textOf);
}

/** What curl says. */
async function curl(upstream: string, { cert, key }: Said): Promise<string> {
  const own = cert === undefined ? [] : ['--cert', cert, '--key', key ?? ''];
  return (await run('curl', ['-sS', '--max-time', '1', '--cacert', 'ca.pem', ...own, upstream], { cwd })).stderr;
}

/** What Node and Java say of files. */
async function readers({ cert = '', key = '', passphrase, keystore }: Said): Promise<string> {
  if (keystore !== undefined) {
    const list = ['-list', '-keystore', keystore.file, '-storepass', keystore.password, '-J-Duser.language=en'];
    return (await run('keytool', list, { cwd })).stdout;
  }
  try {
    createSecureContext({ cert: files[cert], key: files[key], passphrase });
    return 'taken';
  } catch (error) {
    return textOf(error);
  }
}

for (const [heading, stage] of Object.entries(scenes)) {
  t.test(`docs/problems.md: ${heading} is what others say, word for word`, async (t) => {
    const scene = await stage(t, pki);
    for (const [name, content] of Object.entries(scene.files ?? {})) files[name] = content as string;
    await writeFiles(cwd, scene.files ?? {});
    const said = saidBy(scene);
    const { upstream } = scene;
    const told = await Promise.all(
      upstream === undefined ? [readers(said)] : [node(upstream, said), curl(upstream, said)],
    );
    const also =
      sectionOf(messages, heading)
        .split('\n')
        .find((line) => line.startsWith('Also: ')) ?? '';
    const listed = [heading, ...codeIn(also)];
    t.ok(
      listed.some((each) => told.join('\n').includes(each)),
      `${listed.join(', ')}: ${told.join('\n')}`,
    );
  });
}
