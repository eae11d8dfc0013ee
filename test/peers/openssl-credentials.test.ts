import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { check } from '../fixtures/checking.ts';
import { ask } from '../fixtures/ladder.ts';
import { makeAuthority, writeFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { run } from './local.ts';

const ca = await makeAuthority({ name: 'CA' });
const client = await ca.issue({ name: 'client', usage: 'client', key: 'rsa2048' });
const upstream = 'https://127.0.0.1:1';

/** A directory with our PEM files, and a shell in it. */
async function bench(t: Test) {
  const directory = await mkdtemp(join(tmpdir(), 'tools-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFiles(directory, { 'ca.pem': ca.cert, 'client.crt': client.cert, 'client.key': client.key });
  const sh = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await run('bash', ['-c', `set -e; ${command}`], { cwd: directory });
    if (code !== 0) t.fail(command, { stderr });
    return stdout;
  };
  return { directory, sh, file: (name: string) => readFile(join(directory, name)) };
}

interface Row {
  readonly key: 'cert' | 'key' | 'ca' | 'crl';
  /** Makes `$F` by a real tool. */
  readonly make: string;
  /** Options that stand for the passwords that a person is asked for. */
  readonly answers?: string;
  /** The file that the command makes, if not `$F.pem`. */
  readonly made?: string;
  readonly passphrase?: string;
}

const legacy = '-provider legacy -provider default';
const traditional = `openssl rsa -traditional -des ${legacy} -in client.key -out "$F" -passout pass:x`;
const asked = { answers: '-passin pass:x -passout pass:y', made: '.new', passphrase: 'y' };
const rows: Readonly<Record<string, Row>> = {
  'a certificate in DER': { key: 'cert', make: 'openssl x509 -in client.crt -outform der -out "$F"' },
  'a trust anchor in DER': { key: 'ca', make: 'openssl x509 -in ca.pem -outform der -out "$F"' },
  'PKCS#7 in PEM': { key: 'cert', make: 'openssl crl2pkcs7 -nocrl -certfile client.crt -out "$F"' },
  'PKCS#7 in DER': { key: 'ca', make: 'openssl crl2pkcs7 -nocrl -certfile ca.pem -outform der -out "$F"' },
  'a PKCS#8 key in DER': { key: 'key', make: 'openssl pkcs8 -topk8 -nocrypt -in client.key -outform der -out "$F"' },
  'a traditional key in DER': { key: 'key', make: 'openssl rsa -traditional -in client.key -outform der -out "$F"' },
  'an encrypted key in DER': {
    key: 'key',
    make: 'openssl pkcs8 -topk8 -in client.key -outform der -out "$F" -passout pass:x',
    answers: '-passin pass:x',
  },
  'a key of OpenSSH': {
    key: 'key',
    make: `cp client.key "$F"; chmod 600 "$F"; ssh-keygen -q -p -P '' -N '' -f "$F"`,
    answers: "-P '' -N ''",
    made: '',
  },
  'B2 a key encrypted by PBE-MD5-DES': {
    key: 'key',
    make: `openssl pkcs8 -topk8 -v1 PBE-MD5-DES ${legacy} -in client.key -out "$F" -passout pass:x`,
    ...asked,
  },
  'B2 a key encrypted by RC2': {
    key: 'key',
    make: `openssl pkcs8 -topk8 -v1 PBE-SHA1-RC2-40 ${legacy} -in client.key -out "$F" -passout pass:x`,
    ...asked,
  },
  'B2 a traditional key encrypted by DES': { key: 'key', make: traditional, ...asked },
};

for (const [name, { key, make, answers = '', made = '.pem', passphrase }] of Object.entries(rows)) {
  t.test(`${name}: check names the command that makes what it takes`, async (t) => {
    const file = "that's it";
    const { directory, sh } = await bench(t);
    const path = join(directory, file);
    await sh(`F=${JSON.stringify(path)}; ${make}`);
    const config = (named: string, word?: string) => {
      const all = Object.fromEntries(
        ['ca.pem', 'client.crt', 'client.key'].map((each) => [each, join(directory, each)]),
      );
      const own = { ca: all['ca.pem'], cert: all['client.crt'], key: all['client.key'], [key]: named };
      return oneRoute(upstream, { ...own, ...(word !== undefined && { passphrase: { env: 'WORD' } }) });
    };
    const before = await check(t, config(path, passphrase), {}, { WORD: 'x' });
    t.equal(before.code, 2);
    const [, command = 'no command'] = /run: (.*)/.exec(before.found[0]?.message ?? '') ?? [];
    await sh(`${command} ${answers}`);
    const after = await check(t, config(`${path}${made}`, passphrase), {}, { WORD: passphrase });
    t.equal(after.code, 0, `${command}: ${after.stderr}`);
    t.same(after.found, []);
  });
}

t.test('B10 revocation lists of openssl ca', async (t) => {
  const { sh, file } = await bench(t);
  const config = `
    [ca]
    default_ca = own
    [own]
    dir = .
    database = index
    serial = serial
    crlnumber = crlnumber
    new_certs_dir = .
    certificate = root.pem
    private_key = root.key
    default_md = sha256
    default_days = 100
    default_crl_days = 10
    policy = any
    copy_extensions = copy
    [any]
    commonName = supplied`;
  await sh(`
    cat > ca.cnf <<'END'${config}
END
    touch index; echo 01 > serial; echo 01 > crlnumber
    openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj '/CN=Root' -days 100
    for name in good bad; do
      openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj "/CN=$name" -addext 'subjectAltName = IP:127.0.0.1'
      openssl ca -batch -config ca.cnf -in $name.csr -out $name.crt -notext
    done
    openssl ca -config ca.cnf -gencrl -out empty.crl
    openssl ca -config ca.cnf -revoke bad.crt
    openssl ca -config ca.cnf -gencrl -out revoked.crl
    openssl ca -config ca.cnf -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z -out expired.crl`);
  const files: Record<string, Buffer> = {};
  for (const name of ['root.pem', 'empty.crl', 'revoked.crl', 'expired.crl']) files[name] = await file(name);
  const outcome = async (server: string, crl: string) => {
    const [cert, key] = [String(await file(`${server}.crt`)), String(await file(`${server}.key`))];
    const up = await startUpstream(t, { cert, key });
    const tls = { ca: 'root.pem', crl, cert: undefined, key: undefined };
    const proxy = await runProxy(t, { config: oneRoute(up.url, tls), files });
    const { reply } = await ask(proxy);
    const { stderr } = await proxy.stop();
    return [reply.status, reply.json<{ detail?: string }>().detail ?? '', stderr.split('\n')[0]];
  };
  t.match(await outcome('good', 'empty.crl'), [200, '', '']);
  t.match(await outcome('bad', 'empty.crl'), [200, '', '']);
  t.match(await outcome('good', 'revoked.crl'), [200, '', '']);
  t.match(await outcome('bad', 'revoked.crl'), [502, /revocation list in `crl`/, '']);
  t.match(await outcome('good', 'expired.crl'), [
    502,
    /not valid today; fetch the current one/,
    /warning: .*expired\.crl: the revocation list of CN=Root was good until 2020-02-01/,
  ]);
});
