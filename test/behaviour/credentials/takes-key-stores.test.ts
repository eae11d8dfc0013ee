import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { writeJavaStore } from '../../fixtures/java-stores.ts';
import { ask } from '../../fixtures/ladder.ts';
import { writePkcs12 } from '../../fixtures/pkcs12-stores.ts';
import { makeAuthority } from '../../fixtures/pki.ts';
import { oneRoute, runCommand, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const root = await makeAuthority({ name: 'Root' });
const middle = await makeAuthority({ name: 'Middle', parent: root });
const server = await root.issue({ name: 'localhost' });
const client = await middle.issue({ name: 'client', usage: 'client' });
const second = await middle.issue({ name: 'second', usage: 'client' });

const password = 'store word';
const keyPassword = 'key word';
const chain = [client.cert, middle.cert];
const java = (kind: 'JKS' | 'JCEKS') =>
  writeJavaStore({
    kind,
    password,
    entries: [
      { alias: 'one', key: client.key, certificates: chain, keyPassword },
      { alias: 'two', key: second.key, certificates: [second.cert, middle.cert], keyPassword },
    ],
  });
const files = {
  'client.p12': writePkcs12({
    password,
    keys: [{ key: client.key }],
    certificates: [middle.cert, client.cert].map((certificate) => ({ certificate })),
  }),
  'old.p12': writePkcs12({
    password,
    keys: [{ key: client.key, protection: { scheme: 'pkcs12', cipher: '3des' } }],
    certificates: chain.map((certificate) => ({ certificate })),
    protection: { scheme: 'pkcs12', cipher: 'rc2-40' },
    mac: 'sha1',
  }),
  'client.jks': java('JKS'),
  'client.jceks': java('JCEKS'),
  'trust.jks': writeJavaStore({ password, entries: [{ alias: 'root', certificate: root.cert }] }),
  'trust.p12': writePkcs12({ password, certificates: [{ certificate: root.cert, trusted: true }] }),
};
const env = { STORE: password, KEY: keyPassword };
const truststore = { file: 'trust.jks', password: { env: 'STORE' } };
const store = (file: string, alias: string) => ({
  keystore: { file, alias, password: { env: 'STORE' }, keyPassword: { env: 'KEY' } },
  truststore,
});
const bare = { ca: undefined, cert: undefined, key: undefined };

const ways: Readonly<Record<string, readonly [object, string]>> = {
  'B3 a PKCS#12 file': [{ pfx: 'client.p12', passphrase: { env: 'STORE' }, truststore }, 'client'],
  'B3 a PKCS#12 file of old (RC2-40)': [{ pfx: 'old.p12', passphrase: { env: 'STORE' }, truststore }, 'client'],
  'B3 PKCS#12 files as Java names them': [
    {
      keystore: { file: 'client.p12', password: { env: 'STORE' } },
      truststore: { file: 'trust.p12', password: { env: 'STORE' } },
    },
    'client',
  ],
  'B4 JKS files, with another password for the key': [store('client.jks', 'one'), 'client'],
  'B4 another alias': [store('client.jks', 'TWO'), 'second'],
  'B4 a JCEKS file': [store('client.jceks', 'one'), 'client'],
};

for (const [name, [tls, who]] of Object.entries(ways)) {
  t.test(`${name}: the server sees our certificate and is verified`, async (t) => {
    const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: root.cert });
    const config = oneRoute(up.url, { ...bare, ...tls });
    const proxy = await runProxy(t, { config, files, env });
    t.match((await ask(proxy)).reply.json(), { client: who });
    const { stderr } = await proxy.stop();
    t.equal(stderr, '');
    const probed = await runCommand(['probe', 'iot', '--json', '--config', `${proxy.directory}/proxy.yaml`], { env });
    t.match(JSON.parse(probed.stdout), {
      confirmed: true,
      versions: [{ clientCertificate: 'demanded' }, { clientCertificate: 'demanded' }],
    });
  });
}

t.test('B3 B4 what opens no store is told at its place', async (t) => {
  const say = async (tls: object) =>
    (await check(t, oneRoute('https://127.0.0.1:1', { ...bare, truststore, ...tls }), files, { ...env, WRONG: 'no' }))
      .found;
  const wrong = { env: 'WRONG' };
  t.match(await say({ pfx: 'client.p12', passphrase: wrong }), [
    { severity: 'error', at: 'env: WRONG', message: /^client\.p12: the password is wrong/ },
  ]);
  t.match(await say({ pfx: 'client.p12' }), [{ at: 'client.p12', message: /^client\.p12: .*\(`passphrase`\)$/ }]);
  const keystore = { file: 'client.jks', alias: 'one', password: { env: 'STORE' }, keyPassword: { env: 'KEY' } };
  t.match(await say({ keystore: { ...keystore, password: wrong } }), [{ at: 'env: WRONG', message: /^client\.jks: / }]);
  t.match(await say({ keystore: { ...keystore, keyPassword: wrong } }), [
    { at: 'env: WRONG', message: /^client\.jks: the password for the key does not open/ },
  ]);
  t.match(await say({ keystore: { ...keystore, keyPassword: undefined } }), [
    { at: 'file: client.jks', message: /a password of its own; give that too \(`keyPassword`\)$/ },
  ]);
  t.match(await say({ keystore: { ...keystore, alias: 'three' } }), [
    { at: 'three', message: /no private key with the alias "three"; it has: "one", "two"$/ },
  ]);
  t.match(await say({ keystore: { ...keystore, alias: undefined } }), [
    { at: 'file: client.jks', message: /several private keys; choose one by `alias`: "one", "two"$/ },
  ]);
  t.match(
    await say({ pfx: 'client.p12', passphrase: { env: 'STORE' }, truststore: { ...truststore, password: wrong } }),
    [{ at: 'env: WRONG', message: /^trust\.jks: the password is wrong/ }],
  );
  t.match(await say({ keystore, truststore: { ...truststore, file: 'client.jks' } }), [
    { at: 'client.jks', message: /^client\.jks: it holds no trusted certificate/ },
  ]);
});
