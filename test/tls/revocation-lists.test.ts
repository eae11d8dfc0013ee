import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import { CredentialProblems } from '../../src/tls/credential-problem.ts';
import { readRevocationLists } from '../../src/tls/revocation-lists.ts';
import { makeAuthority, writeFiles } from '../fixtures/pki.ts';

const ca = await makeAuthority({ name: 'CA' });
const other = await makeAuthority({ name: 'Other' });
const good = await ca.revoke([]);
const directory = t.testdir({});
await writeFiles(directory, {
  good,
  two: `${good}and\n${await other.revoke([])}`,
  label: good.replaceAll('X509 CRL', 'CRL'),
  damaged: '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n',
  expired: await ca.revoke([], { thisUpdate: new Date('2020-01-01'), nextUpdate: new Date('2020-02-01') }),
  early: await ca.revoke([], { thisUpdate: new Date('2090-01-01'), nextUpdate: new Date('2091-01-01') }),
  foreign: await other.revoke([]),
  certificate: ca.cert,
});

function read(...names: readonly string[]) {
  const problems = new CredentialProblems();
  const certificates = [new X509Certificate(ca.cert)];
  const anchors = { pem: [], certificates: () => certificates };
  const crl = names.map((name) => join(directory, name));
  const lists = readRevocationLists({ ...routeTo('https://h').tls, crl }, anchors, problems);
  const said = problems.all.map(
    ({ severity, key, within, message }) => `${severity} ${key}.${within}: ${message.replaceAll(`${directory}/`, '')}`,
  );
  return { lists, said };
}

t.test('B10 good ones', async (t) => {
  t.same(read(), { lists: [], said: [] });
  t.same(read('good'), { lists: [good], said: [] });
  t.same(read('label'), { lists: [good], said: [] }, 'a label that OpenSSL does not know');
  t.equal(read('two', 'good').lists.length, 3);
});

t.test('B10 dates and issuers are doubted', async (t) => {
  t.match(read('good', 'expired').said, [/^warning crl\.1: expired: .* of CN=CA was good until 2020-02-01; fetch/]);
  t.match(read('early').said, [/^warning crl\.0: early: .* of CN=CA is good only from 2090-01-01 on/]);
  t.match(read('foreign').said, [/^warning crl\.0: foreign: the issuer .*CN=Other, is not trusted here/]);
  for (const name of ['expired', 'early', 'foreign']) t.equal(read(name).lists.length, 1, 'and yet used');
});

t.test('B10 what is none is refused', async (t) => {
  t.match(read('damaged'), { lists: [], said: [/^error crl\.0: a revocation list in damaged is damaged; fetch it/] });
  t.match(read('certificate').said, [/^error crl\.0: certificate holds certificates; `crl` takes/]);
  t.match(read('none').said, [/^error crl\.0: none cannot be read \(ENOENT\)$/]);
});
