import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { send } from '../../fixtures/client.ts';
import { startConnectProxy } from '../../fixtures/connect-proxy.ts';
import { writeJavaStore } from '../../fixtures/java-stores.ts';
import { writePkcs12 } from '../../fixtures/pkcs12-stores.ts';
import { encryptKey, makePki, pkiFiles } from '../../fixtures/pki.ts';
import { runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const { ca, client } = pki;

/** One for each place where a secret can be; what is found tells by its name where it came from. */
const secret = {
  env: 'MARKED-env-7d1c',
  file: 'MARKED-file-90ab',
  text: 'MARKED-text-4e55',
  store: 'MARKED-store-12fe',
  key: 'MARKED-key-3b9d',
  trust: 'MARKED-trust-66a0',
  proxy: 'MARKED-proxy-c4c4',
  inUrl: 'MARKED-url-81d2',
  request: 'MARKED-request-a1a1',
  response: 'MARKED-response-b2b2',
  body: 'MARKED-body-d3d3',
} as const;

/** Lines of private keys, as any file or dump of them would have them, and what the marks have in common. */
const forbidden = [
  'MARKED',
  Buffer.from(secret.request).toString('base64').slice(0, 12),
  Buffer.from(`user:${secret.proxy}`).toString('base64').slice(8, 20),
  ...[client.key, pki.other.client.key].flatMap((pem) => pem.split('\n').filter((line) => /^[\w+/]{40,}/.test(line))),
];

const files = {
  ...pkiFiles(pki),
  'encrypted.key': encryptKey(client.key, secret.env),
  'key.pass': `${secret.file}\n`,
  'encrypted-by-file.key': encryptKey(client.key, secret.file),
  'client.p12': writePkcs12({
    password: secret.text,
    keys: [{ key: client.key }],
    certificates: [{ certificate: client.cert }],
  }),
  'client.jks': writeJavaStore({
    password: secret.store,
    entries: [{ alias: 'client', key: client.key, certificates: [client.cert], keyPassword: secret.key }],
  }),
  'trust.jks': writeJavaStore({ password: secret.trust, entries: [{ alias: 'ca', certificate: ca.cert }] }),
};

const env = { KEY_PASS: secret.env, STORE_PASS: secret.store, PROXY_PASS: secret.proxy };

const forms = {
  env: { ca: 'ca.pem', cert: 'client.crt', key: 'encrypted.key', passphrase: { env: 'KEY_PASS' } },
  file: { ca: 'ca.pem', cert: 'client.crt', key: 'encrypted-by-file.key', passphrase: { file: 'key.pass' } },
  text: { ca: 'ca.pem', pfx: 'client.p12', passphrase: secret.text },
  store: {
    truststore: { file: 'trust.jks', password: secret.trust },
    keystore: { file: 'client.jks', password: '${STORE_PASS}', keyPassword: secret.key },
  },
};

const routesTo = (upstream: string, via: object): object[] => [
  ...Object.entries(forms).map(([name, tls]) => ({ name, match: { path: `/${name}` }, upstream, tls })),
  { name: 'via', match: { path: '/via' }, upstream, tls: forms.env, ...via },
];

function isClean(t: Test, texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) {
    const found = forbidden.filter((one) => text.includes(one));
    t.same(found, [], `${name} (${text.length} characters)`);
  }
}

/** Node's report on a process: its threads, libraries, limits and environment. */
const reporting = '--report-on-signal --report-signal=SIGUSR2';

t.test('B14 a running proxy: no secret in log, answers, admin pages or a report on the process', async (t) => {
  const up = await startUpstream(t, {
    cert: pki.server.chain,
    key: pki.server.key,
    ca: ca.cert,
    handler(request, response) {
      request.resume();
      if (request.url?.startsWith('/break')) response.socket?.destroy();
      else response.writeHead(200, { 'Set-Cookie': `id=${secret.response}` }).end();
    },
  });
  const proxied = await startConnectProxy(t, {
    decide: ({ credentials }) =>
      credentials === `user:${secret.proxy}` ? 'tunnel' : { answer: 'HTTP/1.1 407 No\r\n\r\n' },
  });
  const via = { via: { url: proxied.url, username: 'user', password: { env: 'PROXY_PASS' } } };
  const reports = t.testdir({});
  const config = {
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    log: { level: 'trace' },
    routes: [
      ...routesTo(up.url, via),
      { name: 'refused', match: { path: '/refused' }, upstream: up.url, tls: { ...forms.env, ca: 'other-ca.pem' } },
      {
        name: 'unpaid',
        match: { path: '/unpaid' },
        upstream: up.url,
        tls: forms.env,
        via: `http://user:${secret.inUrl}@${proxied.name}`,
      },
    ],
  };
  const proxy = await runProxy(t, {
    config,
    files,
    env: { ...env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${reporting} --report-directory=${reports}` },
  });
  const headers = {
    Authorization: `Bearer ${secret.request}`,
    Cookie: `id=${secret.request}`,
    'Proxy-Authorization': `Basic ${secret.request}`,
    'X-Api-Key': secret.request,
  };
  const answers: Record<string, string> = {};
  const ask = async (path: string, expected: number): Promise<void> => {
    const reply = await send(`${proxy.url}${path}?token=${secret.request}`, {
      method: 'POST',
      headers,
      body: secret.body,
    });
    t.equal(reply.status, expected, path);
    // What the upstream says goes to the client as it is.
    if (expected !== 200) answers[path] = `${reply.text()}${JSON.stringify(reply.headers)}`;
  };
  for (const name of [...Object.keys(forms), 'via']) await ask(`/${name}/x`, 200);
  await ask('/refused', 502);
  await ask('/unpaid', 502);
  await ask('/env/break', 502);
  await ask('/nowhere', 404);
  const raw = await send(`${proxy.url}/env`, { headers: { Host: `${secret.request}.example` } });
  t.equal(raw.status, 403);
  for (const path of ['/metrics', '/readyz', '/healthz', `/unknown?${secret.request}`]) {
    answers[`admin ${path}`] = (await send(`${proxy.admin}${path}`, { headers })).text();
  }
  proxy.signal('SIGUSR2');
  while ((await readdir(reports)).length === 0) await send(`${proxy.url}/nowhere`);
  const { stdout, stderr } = await proxy.stop();
  t.match(stdout, /"msg":"handshake"/);
  const [report = ''] = await readdir(reports);
  const dump = await readFile(join(reports, report), 'utf8');
  t.match(JSON.parse(dump), { environmentVariables: { NODE_OPTIONS: /report/ } }, 'it lists the environment');
  isClean(t, { ...answers, log: stdout, messages: stderr, report: dump });
});
