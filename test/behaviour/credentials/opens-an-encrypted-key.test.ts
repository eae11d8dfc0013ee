import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { ask } from '../../fixtures/ladder.ts';
import { encryptKey, makePki, passphrase, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const files = {
  ...pkiFiles(pki),
  'traditional.key': encryptKey(pki.client.key, passphrase, 'traditional-aes256'),
  'pass.txt': `${passphrase}\n`,
};
const upstream = 'https://127.0.0.1:1';
const sealed = 'client-encrypted.key';

t.test('B2 a passphrase by environment, file and text', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const credentials = { ca: 'ca.pem', cert: 'client.crt' };
  const ways = [
    { key: sealed, passphrase: { env: 'KEY_PASS' } },
    { key: sealed, passphrase: { file: 'pass.txt' } },
    { key: sealed, passphrase },
    { key: 'traditional.key', passphrase: { env: 'KEY_PASS' } },
  ];
  const proxy = await runProxy(t, {
    config: {
      listen: '127.0.0.1:0',
      routes: ways.map((tls, index) => ({
        name: `r${index}`,
        match: { path: `/${index}` },
        upstream: up.url,
        tls: { ...credentials, ...tls },
      })),
    },
    files,
    env: { KEY_PASS: passphrase },
  });
  for (const index of ways.keys()) {
    t.match((await ask(proxy, { path: `/${index}/x` })).reply.json(), { client: 'client' }, `way ${index}`);
  }
});

t.test('B2 a passphrase that is wrong, missing or not needed, with its place', async (t) => {
  const say = async (tls: object) => (await check(t, oneRoute(upstream, tls), files, { KEY_PASS: 'not this' })).found;
  for (const key of [sealed, 'traditional.key']) {
    t.match(await say({ key, passphrase: { env: 'KEY_PASS' } }), [
      {
        severity: 'error',
        at: 'env: KEY_PASS',
        message: `the passphrase does not open ${key}; try it: openssl pkey -noout -in ${key}`,
      },
    ]);
    t.match(await say({ key }), [
      { severity: 'error', at: key, message: /is encrypted; add `passphrase: \{ env: NAME \}`/ },
    ]);
  }
  t.match(await say({ passphrase: { env: 'KEY_PASS' } }), [
    { severity: 'warning', at: 'env: KEY_PASS', message: /client\.key is not encrypted; take the passphrase out/ },
  ]);
  const plain = await check(t, oneRoute(upstream, { key: sealed, passphrase }), files);
  t.equal(plain.code, 0);
  t.match(plain.found, [{ severity: 'warning', message: /a secret in plain text/ }]);
  t.notMatch(plain.stderr, passphrase);
});
