import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { ask } from '../../fixtures/ladder.ts';
import { makeAuthority, makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const { ca, server } = pki;
const middle = await makeAuthority({ name: 'Middle', parent: ca });
const below = await middle.issue({ name: 'localhost' });
const past = { thisUpdate: new Date('2020-01-01'), nextUpdate: new Date('2020-02-01') };
const files = {
  ...pkiFiles(pki),
  'good.crl': await ca.revoke([pki.client]),
  'revoked.crl': await ca.revoke([server]),
  'expired.crl': await ca.revoke([], past),
  'middle.crl': await middle.revoke([]),
  'below.crl': await middle.revoke([below]),
};

const rows: readonly (readonly [string, string | readonly string[], typeof server, RegExp | undefined])[] = [
  ['good', 'good.crl', server, undefined],
  ['good for both authorities', ['good.crl', 'middle.crl'], below, undefined],
  ['with the certificate on it', 'revoked.crl', server, /is on the revocation list in `crl`/],
  ['of the intermediate with it on it', ['good.crl', 'below.crl'], below, /is on the revocation list in `crl`/],
  ['expired', 'expired.crl', server, /revocation list in `crl` is not valid today; fetch the current one/],
  [
    'missing for the intermediate',
    'good.crl',
    below,
    /`crl` has no revocation list of an issuer in its chain; add one/,
  ],
];

for (const [name, crl, identity, detail] of rows) {
  t.test(`B10 a revocation list ${name}`, async (t) => {
    const up = await startUpstream(t, { cert: identity.chain, key: identity.key, ca: ca.cert });
    const proxy = await runProxy(t, { config: oneRoute(up.url, { crl }), files });
    const { reply, line } = await ask(proxy);
    if (detail === undefined) {
      t.equal(reply.status, 200);
      return;
    }
    t.equal(reply.status, 502);
    t.equal(line.cause, 'server-certificate');
    t.match(reply.json<{ detail: string }>().detail, detail);
    t.equal(up.requests.length, 0);
  });
}

t.test('B10 lists are looked at before the start', async (t) => {
  const damaged = { 'bad.crl': '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n', ...files };
  const say = (crl: readonly string[]) => check(t, oneRoute('https://127.0.0.1:1', { crl }), damaged);
  const warned = await say(['good.crl', 'expired.crl', 'middle.crl']);
  t.equal(warned.code, 0);
  t.match(warned.found, [
    {
      severity: 'warning',
      at: 'expired.crl',
      message: /of CN=Test CA was good until 2020-02-01; fetch the current one/,
    },
    { severity: 'warning', at: 'middle.crl', message: /the issuer .* CN=Middle, is not trusted here/ },
  ]);
  const refused = await say(['good.crl', 'bad.crl', 'ca.pem']);
  t.equal(refused.code, 2);
  t.match(refused.found, [
    { severity: 'error', at: 'bad.crl', message: /is damaged; fetch it again/ },
    { severity: 'error', at: 'ca.pem', message: /holds certificates; `crl` takes/ },
  ]);
});
