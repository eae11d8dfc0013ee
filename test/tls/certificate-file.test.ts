import { join } from 'node:path';
import t from 'tap';
import { readBytes, readCertificates } from '../../src/tls/certificate-file.ts';
import { CredentialProblems } from '../../src/tls/credential-problem.ts';
import { makeAuthority, writeFiles } from '../fixtures/pki.ts';

const first = await makeAuthority({ name: 'First' });
const second = await makeAuthority({ name: 'Second' });
const directory = t.testdir({});
const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const body = second.cert.replace(/-----[^-]+-----|\n/g, '');
/** OpenSSL's own form has trust settings behind the certificate. */
const trusted = Buffer.concat([Buffer.from(body, 'base64'), Buffer.from('3000', 'hex')]).toString('base64');
await writeFiles(directory, {
  both: `text\n${first.cert}between\r\n${second.cert}${first.key}`,
  labels: `${first.cert.replaceAll(' CERT', ' X509 CERT')}-----BEGIN TRUSTED CERTIFICATE-----\n${trusted}\n-----END TRUSTED CERTIFICATE-----\n`,
  utf16: Buffer.from(`\uFEFF${first.cert}`, 'utf16le'),
  bom: `\uFEFF${first.cert}`,
  damaged: `${first.cert}${damaged}`,
  key: first.key,
});

function read(name: string) {
  const problems = new CredentialProblems();
  const found = readCertificates(join(directory, name), { key: 'ca', within: 1 }, problems);
  const said = problems.all.map(({ message }) => message.replaceAll(`${directory}/`, ''));
  return { names: found.map(({ subject }) => subject), said, problems };
}

t.test('certificates among anything, under any of their labels, in any encoding', async (t) => {
  t.match(read('both'), { names: ['CN=First', 'CN=Second'], said: [] });
  t.match(read('labels'), { names: ['CN=First', 'CN=Second'], said: [] });
  for (const name of ['utf16', 'bom']) t.match(read(name), { names: ['CN=First'], said: [] });
});

t.test('what is wrong with a file', async (t) => {
  t.match(read('damaged'), { names: ['CN=First'], said: ['certificate 2 in damaged is damaged; copy the file again'] });
  t.match(read('key').said, [/holds a private key; `ca` takes certificates/]);
  t.match(read('none').said, ['none cannot be read (ENOENT)']);
  t.match(read('none').problems, { failed: true, all: [{ severity: 'error', key: 'ca', within: 1 }] });
});

t.test('bytes', async (t) => {
  const problems = new CredentialProblems();
  t.equal(String(readBytes(join(directory, 'key'), { key: 'key' }, problems)), first.key);
  t.equal(problems.failed, false);
  t.equal(readBytes(directory, { key: 'key' }, problems), undefined);
  t.match(problems.all, [{ severity: 'error', key: 'key', message: /cannot be read \(EISDIR\)$/ }]);
});
