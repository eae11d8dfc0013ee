import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { makeAuthority, selfSigned, writeFiles } from '../fixtures/pki.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { type Ran, run } from './local.ts';

const text = readFileSync(new URL('../../../docs/credentials.md', import.meta.url), 'utf8');
/** Every command of the document, as a person copies it from the page. */
const documented = new Set(
  [...text.matchAll(/`((?:openssl|keytool|ssh-keygen) [^`]+)`/g)].map(([, command = '']) =>
    command.replaceAll('\\|', '|'),
  ),
);

const ca = await makeAuthority({ name: 'CA' });
const client = await ca.issue({ name: 'client', usage: 'client', key: 'rsa2048' });
const server = await selfSigned({ name: 'localhost' });
const crl = await ca.revoke([client]);

/** One test's directory with a shell in it. */
interface Bench {
  sh(command: string): Promise<Ran>;
  file(name: string): Promise<string>;
}

async function bench(t: Test, files: Readonly<Record<string, string | Buffer>>): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'documented-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFiles(directory, { 'client.pem': client.cert, 'client.plain': client.key, 'ca.pem': ca.cert, ...files });
  const sh = async (command: string): Promise<Ran> => {
    const ran = await run('bash', ['-c', `set -o pipefail; ${command}`], { cwd: directory });
    t.equal(ran.code, 0, command, { ran });
    return ran;
  };
  return { sh, file: (name) => readFile(join(directory, name), 'latin1') };
}

/** A command of the document, what has to lie there before, the answers that a person would type, and what must follow. */
interface Row {
  readonly before?: string;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Options that stand for the passwords a person is asked for. */
  readonly answers?: string;
  readonly after: (t: Test, bench: Bench, ran: Ran) => unknown;
}

const makes =
  (name: string, begin: RegExp): Row['after'] =>
  async (t, { file }) =>
    t.match(await file(name), begin);
const certificate = /^-----BEGIN CERTIFICATE-----/m;
const key = /^-----BEGIN (RSA )?PRIVATE KEY-----/m;
const legacy = '-provider legacy -provider default';

const rows: Readonly<Record<string, Row>> = {
  'openssl pkcs8 -topk8 -provider legacy -provider default -in client.key -out new.key': {
    before: `openssl pkcs8 -topk8 -v1 PBE-MD5-DES ${legacy} -in client.plain -out client.key -passout pass:x`,
    answers: '-passin pass:x -passout pass:y',
    after: makes('new.key', /^-----BEGIN ENCRYPTED PRIVATE KEY-----/),
  },
  'openssl x509 -inform der -in client.der -out client.crt': {
    before: 'openssl x509 -in client.pem -outform der -out client.der',
    after: makes('client.crt', certificate),
  },
  'openssl pkey -inform der -in client.key.der -out client.key': {
    before: 'openssl pkey -in client.plain -outform der -out client.key.der',
    after: makes('client.key', key),
  },
  'openssl pkcs7 -print_certs -in client.p7b -out client.crt': {
    before: 'openssl crl2pkcs7 -nocrl -certfile client.pem -out client.p7b',
    after: makes('client.crt', certificate),
  },
  'openssl pkcs7 -inform der -print_certs -in client.p7c -out client.crt': {
    before: 'openssl crl2pkcs7 -nocrl -certfile client.pem -outform der -out client.p7c',
    after: makes('client.crt', certificate),
  },
  'ssh-keygen -p -m PKCS8 -f client.key': {
    before: "ssh-keygen -q -t rsa -b 2048 -N '' -f client.key",
    answers: "-P '' -N ''",
    after: makes('client.key', key),
  },
  'openssl pkcs12 -legacy -in old.p12 -nodes -out all.pem': {
    before: 'openssl pkcs12 -export -legacy -in client.pem -inkey client.plain -out old.p12 -passout pass:x',
    answers: '-passin pass:x',
    after: makes('all.pem', key),
  },
  'openssl pkcs12 -export -in all.pem -out client.p12': {
    before: 'cat client.plain client.pem > all.pem',
    answers: '-passout pass:y',
    after: (_t, { sh }) => sh('openssl pkcs12 -in client.p12 -noout -passin pass:y'),
  },
  'keytool -importkeystore -srckeystore client.jks -destkeystore client.p12 -deststoretype PKCS12': {
    before:
      'keytool -genkeypair -alias one -keyalg EC -dname CN=x -keystore client.jks -storetype JKS -storepass secret -keypass secret',
    answers: '-srcstorepass secret -deststorepass secret',
    after: (_t, { sh }) => sh('openssl pkcs12 -in client.p12 -noout -passin pass:secret'),
  },
  'keytool -list -keystore client.jks': {
    before:
      'keytool -genkeypair -alias one -keyalg EC -dname CN=x -keystore client.jks -storetype JKS -storepass secret -keypass secret',
    answers: '-storepass secret',
    after: (t, _bench, { stdout }) => t.match(stdout, /^one, /m),
  },
  'openssl x509 -inform der -in ca.der -out ca.pem': {
    before: 'openssl x509 -in ca.pem -outform der -out ca.der; rm ca.pem',
    after: makes('ca.pem', certificate),
  },
  'keytool -importcert -keystore trust.jks -alias ca -file ca.pem': {
    answers: '-storepass secret -noprompt',
    after: async (t, { sh }) =>
      t.match((await sh('keytool -list -keystore trust.jks -storepass secret')).stdout, /^ca, .*trustedCertEntry/m),
  },
  'openssl x509 -in server.pem -noout -fingerprint -sha256': {
    files: { 'server.pem': server.cert },
    after: (t, _bench, { stdout }) => t.ok(stdout.includes(server.fingerprint)),
  },
  'openssl x509 -in server.pem -noout -text': {
    files: { 'server.pem': server.cert },
    after: (t, _bench, { stdout }) => t.match(stdout, /Subject: CN ?= ?localhost/),
  },
  'openssl x509 -in server.pem -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64':
    {
      files: { 'server.pem': server.cert },
      after: (t, _bench, { stdout }) => t.equal(`sha256/${stdout.trim()}`, server.spkiPin),
    },
  'openssl crl -inform der -in ca.crl.der -out ca.crl': {
    files: { 'list.pem': crl },
    before: 'openssl crl -in list.pem -outform der -out ca.crl.der',
    after: makes('ca.crl', /^-----BEGIN X509 CRL-----/),
  },
};

t.test('every command of docs/credentials.md is run here, and no other', async (t) => {
  const withServer = 'openssl s_client -connect localhost:8743 -showcerts';
  t.same([...documented].sort(), [...Object.keys(rows), withServer].sort());
  t.ok(documented.size > 15);
});

for (const [command, { before, files = {}, answers = '', after }] of Object.entries(rows)) {
  t.test(`docs/credentials.md: ${command}`, async (t) => {
    const place = await bench(t, files);
    if (before !== undefined) await place.sh(before);
    await after(t, place, await place.sh(`${command} ${answers}`));
  });
}

t.test('docs/credentials.md: the certificate that a server shows', async (t) => {
  const up = await startUpstream(t, { cert: server.cert, key: server.key });
  const place = await bench(t, {});
  const command = [...documented].find((each) => each.startsWith('openssl s_client')) as string;
  const { stdout } = await place.sh(command.replace('localhost:8743', `127.0.0.1:${up.port}`));
  t.ok(stdout.includes(server.cert.trim()));
});
