import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { type KnownCredentials, prepare } from '../../src/server/prepare.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { makeFolder } from '../fixtures/sound.ts';

const pki = await makePki();
const files = pkiFiles(pki);
const tls = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
const route = (name: string, own: object) => ({
  name,
  match: { path: `/${name}` },
  upstream: 'https://127.0.0.1:1',
  tls: own,
});

t.test('credentials are made once for routes with the same, and again only when they are others', async (t) => {
  const folder = await makeFolder(t, files);
  const needless = { ...tls, passphrase: { env: 'KEY_PASS' } };
  const config = { listen: '127.0.0.1:0', routes: [route('a', tls), route('b', tls), route('c', needless)] };
  const by = async (known?: KnownCredentials) => {
    await writeFiles(folder, { 'proxy.yaml': stringify(config) });
    const { problems, sound } = prepare(loadConfig(join(folder, 'proxy.yaml'), { KEY_PASS: 'x' }), known);
    return { problems, credentials: sound?.routes.map(([, one]) => one) ?? [], known: sound?.credentials };
  };
  const first = await by();
  const [a, b, c] = first.credentials;
  t.equal(a, b);
  t.not(a, c);
  t.match(first.problems, [{ severity: 'warning', message: /client\.key is not encrypted/ }]);
  const again = await by(first.known);
  t.equal(again.credentials[0], a);
  t.equal(again.credentials[2], c);
  t.same(again.problems, [], 'and what is warned of was told then');
  await writeFiles(folder, { 'ca.pem': pki.other.ca.cert });
  const changed = await by(again.known);
  t.not(changed.credentials[0], a);
  t.ok(changed.problems.some(({ message }) => /client\.key is not encrypted/.test(message)));
});
