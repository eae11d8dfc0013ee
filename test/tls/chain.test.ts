import { createPrivateKey, X509Certificate } from 'node:crypto';
import t from 'tap';
import { arrangeChain, isRoot, issuerOf, onlyRootAbove } from '../../src/tls/chain.ts';
import { type Identity, makeAuthority, selfSigned } from '../fixtures/pki.ts';

const root = await makeAuthority({ name: 'Root' });
const upper = await makeAuthority({ name: 'Upper', parent: root, key: 'rsa2048' });
const lower = await makeAuthority({ name: 'Lower', parent: upper });
const leaf = await lower.issue({ name: 'leaf', usage: 'client' });
const twin = await makeAuthority({ name: 'Lower', parent: upper, keyIds: false });
const other = await makeAuthority({ name: 'Other' });
const own = createPrivateKey(leaf.key);

const read = (...all: readonly Identity[]) => all.map(({ cert }) => new X509Certificate(cert));
const names = (all: readonly X509Certificate[] = []) => all.map(({ subject }) => subject.slice(3));

t.test('the key’s certificate first, then issuer by issuer, whatever the order was', async (t) => {
  for (const given of [
    [leaf, lower, upper, root],
    [root, upper, lower, leaf],
    [upper, leaf, root, lower],
  ]) {
    const chain = arrangeChain(own, read(...given));
    t.same(names(chain?.certificates), ['leaf', 'Lower', 'Upper', 'Root']);
    t.match(chain, { complete: true, strays: [] });
  }
});

t.test('without its root a chain is not known to be complete', async (t) => {
  const chain = arrangeChain(own, read(leaf, upper, lower));
  t.same(names(chain?.certificates), ['leaf', 'Lower', 'Upper']);
  t.equal(chain?.complete, false);
});

t.test('what is trusted here completes it, but for the root, which need not be sent', async (t) => {
  const chain = arrangeChain(own, read(leaf), read(other, root, upper, lower));
  t.same(names(chain?.certificates), ['leaf', 'Lower', 'Upper']);
  t.match(chain, { complete: true, strays: [] });
});

t.test('what does not belong to it is told', async (t) => {
  const chain = arrangeChain(own, read(other, leaf, upper, twin));
  t.same(names(chain?.certificates), ['leaf'], 'the same name with another key is no issuer');
  t.same(names(chain?.strays), ['Other', 'Upper', 'Lower']);
  const doubled = arrangeChain(own, read(leaf, leaf, lower));
  t.same(names(doubled?.strays), [], 'a certificate twice is no stray');
});

t.test('a key without its certificate', async (t) => {
  t.equal(arrangeChain(createPrivateKey(other.key), read(leaf, lower)), undefined);
});

t.test('a self-signed certificate is a chain', async (t) => {
  const alone = await selfSigned({ name: 'alone', usage: 'client' });
  const chain = arrangeChain(createPrivateKey(alone.key), read(alone));
  t.same(names(chain?.certificates), ['alone']);
  t.equal(chain?.complete, true);
});

t.test('authorities that signed each other', async (t) => {
  const [a] = read(await makeAuthority({ name: 'A' }));
  const certificate = a as X509Certificate;
  // As cross-signed ones of the same key and name are: each is the other's issuer, none is its own.
  const make = (fingerprint256: string): X509Certificate =>
    ({
      fingerprint256,
      subject: `CN=${fingerprint256}`,
      publicKey: certificate.publicKey,
      checkPrivateKey: () => fingerprint256 === 'one',
      checkIssued: (by: X509Certificate) => by.fingerprint256 !== fingerprint256,
      verify: () => true,
    }) as unknown as X509Certificate;
  const chain = arrangeChain(own, [make('one'), make('two')]);
  t.same(
    chain?.certificates.map(({ fingerprint256 }) => fingerprint256),
    ['one', 'two'],
  );
  t.equal(chain?.complete, false);
});

t.test('issuers and roots', async (t) => {
  const [one, two, three] = read(leaf, lower, root) as [X509Certificate, X509Certificate, X509Certificate];
  t.equal(issuerOf(one, [three, two]), two);
  t.equal(issuerOf(one, read(twin)), undefined);
  t.equal(isRoot(three), true);
  t.equal(isRoot(two), false);
});

t.test('the root directly above a certificate, where no other can be', async (t) => {
  const above = async (certificate: Identity, ...known: readonly Identity[]) => {
    const [first] = read(certificate) as [X509Certificate];
    return onlyRootAbove(first, read(...known))?.subject;
  };
  const direct = await root.issue({ name: 'direct', usage: 'client' });
  const renewed = await makeAuthority({ name: 'Root', sameKeyAs: root });
  const crossed = await makeAuthority({ name: 'Root', sameKeyAs: root, parent: other });
  const namesake = await makeAuthority({ name: 'Root', keyIds: false });
  t.equal(await above(direct, other, root, upper), 'CN=Root');
  t.equal(await above(direct, root, other, root), 'CN=Root', 'the same twice');
  t.equal(await above(direct), undefined);
  t.equal(await above(direct, other), undefined);
  t.equal(await above(leaf, lower, upper, root), undefined, 'an intermediate');
  t.equal(await above(direct, root, renewed), undefined, 'two with one key');
  t.equal(await above(direct, crossed), undefined, 'signed by another');
  t.equal(await above(direct, crossed, root), undefined, 'a root, and the same key signed by another');
  t.equal(await above(direct, namesake), undefined, 'of another key');
  t.equal(
    await above(direct, namesake, root),
    undefined,
    'one of another key before it, which OpenSSL may take by its name',
  );
});
