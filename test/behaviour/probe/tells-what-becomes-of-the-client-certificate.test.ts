import t from 'tap';
import { postQuantumByDefault } from '../../../src/tls/offers.ts';
import { startFront } from '../../fixtures/front.ts';
import { makePki } from '../../fixtures/pki.ts';
import { type Document, probeRoute } from '../../fixtures/probing.ts';
import { runCommand } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const identity = { cert: pki.server.chain, key: pki.server.key };
const none = { cert: undefined, key: undefined };

/** By version: whether it is asked for, and how the handshake without it went. */
function asked({ versions, handshakes }: Document) {
  return Object.fromEntries(
    versions.slice(0, 2).map(({ version, clientCertificate }) => {
      const bare = handshakes.find((each) => each.version === version && !each.clientCertificate && !each.resuming);
      return [version, [clientCertificate, bare?.result, bare?.alert]];
    }),
  );
}

t.test('demanded', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert });
  const { document, result } = await probeRoute(t, pki, up.url);
  t.equal(result.code, 0);
  t.same(asked(document), { 'TLSv1.3': ['demanded', 'failed', 116], 'TLSv1.2': ['demanded', 'failed', 40] });
});

t.test('asked for, and not demanded', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert, rejectUnauthorized: false });
  const { document, result, file } = await probeRoute(t, pki, up.url);
  t.equal(result.code, 0);
  t.same(asked(document), {
    'TLSv1.3': ['asked', 'confirmed', undefined],
    'TLSv1.2': ['asked', 'confirmed', undefined],
  });
  const { stdout } = await runCommand(['probe', 'iot', '--config', file]);
  t.match(
    stdout,
    /^ok TLSv1\.3 .* asked for\n.*The handshake also goes through without our certificate; a request may not\.$/m,
  );
});

t.test('not asked for, also behind a HelloRetryRequest', async (t) => {
  for (const ecdhCurve of ['X25519', 'P-384']) {
    const up = await startUpstream(t, { ...identity, tls: { ecdhCurve } });
    const { document } = await probeRoute(t, pki, up.url);
    t.same(asked(document), {
      'TLSv1.3': ['not-asked', 'confirmed', undefined],
      'TLSv1.2': ['not-asked', 'confirmed', undefined],
    });
  }
});

t.test('missing', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert });
  const { document, result } = await probeRoute(t, pki, up.url, none);
  t.equal(result.code, 1);
  t.equal(document.confirmed, false);
  t.same(asked(document), { 'TLSv1.3': ['demanded', 'failed', 116], 'TLSv1.2': ['demanded', 'failed', 40] });
  for (const handshake of document.handshakes.filter(({ protocol }) => protocol !== undefined)) {
    t.match(handshake, { cause: 'client-certificate', hint: /^it demands a client certificate \(alert / });
  }
  t.match(document.versions, [{ result: 'refused' }, { result: 'refused' }]);
  t.match(document.pin, { versions: ['TLSv1.3', 'TLSv1.2'], remarks: [/accepted no handshake/] });
});

t.test('refused: by a drop, and in TLS 1.3 after the handshake', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert });
  const { document, result, file } = await probeRoute(t, pki, up.url, {
    cert: 'other-client.crt',
    key: 'other-client.key',
  });
  t.equal(result.code, 1);
  t.match(document.versions, [{ result: 'refused' }, { result: 'refused' }]);
  for (const { protocol, clientCertificate, cause } of document.handshakes) {
    if (protocol !== undefined && clientCertificate) t.equal(cause, 'client-certificate', protocol);
  }
  const { stdout } = await runCommand(['probe', 'iot', '--config', file]);
  t.match(stdout, /^!! TLSv1\.3 /m);
  t.match(stdout, 'It ended the connection right after our certificate');
});

t.test('refused by an alert', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert });
  const front = await startFront(t, { to: up, decide: () => ({ passUntil: 'client-flight', end: { alert: 48 } }) });
  const { document, result } = await probeRoute(t, pki, front.url);
  t.equal(result.code, 1);
  t.match(document.handshakes[0], {
    protocol: 'TLSv1.3',
    result: 'failed',
    outcome: 'alert',
    alert: 48,
    certificateRequested: true,
    hint: /does not know the authority that issued our certificate/,
  });
});

t.test('refused where a client without one is let in', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert, rejectUnauthorized: false });
  // In TLS 1.3 the handshake without our certificate is the last one, behind one for each set of groups.
  const bare = postQuantumByDefault ? 3 : 1;
  const front = await startFront(t, {
    to: up,
    decide: (_, n) => (n === bare ? 'pass' : { passUntil: 'client-flight', end: 'close' }),
  });
  const { document, result } = await probeRoute(t, pki, front.url);
  t.equal(result.code, 0);
  t.match(document.pin.remarks, [/accepted no handshake/, /leave out `cert` and `key`/]);
});

t.test('a server that ends connections without having asked', async (t) => {
  const up = await startUpstream(t, identity);
  const front = await startFront(t, { to: up, decide: () => ({ passUntil: 'client-flight', end: 'close' }) });
  const { document } = await probeRoute(t, pki, front.url);
  t.match(document.handshakes[0], { certificateRequested: false, cause: 'server-fault', outcome: 'close' });
  t.equal(document.versions[0]?.clientCertificate, 'not-asked');
});

t.test('a server without session tickets', async (t) => {
  const up = await startUpstream(t, { ...identity, ca: pki.ca.cert });
  const front = await startFront(t, { to: up, decide: () => 'hold-tickets' });
  const { document } = await probeRoute(t, pki, front.url);
  t.match(document.versions[0], { result: 'confirmed', clientCertificate: 'demanded', resumption: 'no-session' });
});
