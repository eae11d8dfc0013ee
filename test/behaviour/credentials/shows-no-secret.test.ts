import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { writeJavaStore } from '../../fixtures/java-stores.ts';
import { ask } from '../../fixtures/ladder.ts';
import { writePkcs12 } from '../../fixtures/pkcs12-stores.ts';
import { encryptKey, makePki, pkiFiles } from '../../fixtures/pki.ts';
import { runCommand, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const { client, ca } = pki;
const marks = ['m4rk-text', 'm4rk-env', 'm4rk-file', 'm4rk-store', 'm4rk-key', 'm4rk-trust'] as const;
const [inText, inEnv, inFile, ofStore, ofKey, ofTrust] = marks;
const entry = { alias: 'one', key: client.key, certificates: [client.cert], keyPassword: ofKey };
const files = {
  ...pkiFiles(pki),
  'text.key': encryptKey(client.key, inText),
  'env.key': encryptKey(client.key, inEnv),
  'file.p12': writePkcs12({
    password: inFile,
    keys: [{ key: client.key }],
    certificates: [{ certificate: client.cert }],
  }),
  'client.jks': writeJavaStore({ password: ofStore, entries: [entry] }),
  'trust.jks': writeJavaStore({ password: ofTrust, entries: [{ alias: 'ca', certificate: ca.cert }] }),
  'secret.txt': inFile,
};
const env = { SECRET: inEnv, DEBUG: '*', NODE_DEBUG: 'tls' };

/** Routes whose secrets are in every place that there is. */
function routes(upstream: string, wrong = '') {
  const ways = [
    { ca: 'ca.pem', cert: 'client.crt', key: 'text.key', passphrase: inText + wrong },
    { ca: 'ca.pem', cert: 'client.crt', key: wrong === '' ? 'env.key' : 'text.key', passphrase: { env: 'SECRET' } },
    { ca: 'ca.pem', pfx: wrong === '' ? 'file.p12' : 'client.jks', passphrase: { file: 'secret.txt' } },
    {
      keystore: { file: 'client.jks', password: ofStore, keyPassword: ofKey + wrong },
      truststore: { file: 'trust.jks', password: ofTrust + wrong },
    },
  ];
  const all = ways.map((tls, index) => ({ name: `r${index}`, match: { path: `/${index}` }, upstream, tls }));
  return { listen: '127.0.0.1:0', log: { level: 'trace' }, routes: all };
}

/** Every secret of ours, in the clear and in the forms in which it could slip out. */
const secrets = [
  ...marks,
  ...marks.map((mark) => Buffer.from(mark).toString('base64').replaceAll('=', '')),
  ...marks.map((mark) => Buffer.from(mark).toString('hex')),
  'PRIVATE KEY',
  ...client.key.split('\n').filter((line) => /^[^-]{40}/.test(line)),
];

t.test('B14 no passphrase, password or key is in anything that is written', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: ca.cert });
  const proxy = await runProxy(t, { config: routes(up.url), files, env });
  for (const path of ['/0/x', '/1/x', '/2/x', '/3/x'])
    t.match((await ask(proxy, { path })).reply.json(), { client: 'client' });
  const ran = await proxy.stop();
  const live = await runCommand(['check', '--live', '--config', `${proxy.directory}/proxy.yaml`], { env });
  t.equal(live.code, 0);
  const probed = await runCommand(['probe', 'r3', '--config', `${proxy.directory}/proxy.yaml`], { env });
  t.equal(probed.code, 0);
  const wrong = await check(t, routes(up.url, '-wrong'), files, env);
  t.equal(wrong.code, 2);
  t.equal(wrong.found.filter(({ severity }) => severity === 'error').length, 5);
  for (const { stdout, stderr } of [ran, live, probed, wrong]) {
    for (const secret of secrets) t.notOk((stdout + stderr).includes(secret), secret);
  }
});
