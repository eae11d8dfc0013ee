import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import type { TlsSettings } from '../../src/config/config.ts';
import { survey } from '../../src/tls/survey.ts';
import type { Place, Trial } from '../../src/tls/survey-handshake.ts';
import { hasIdentity, proposalsOf, withoutIdentity } from '../../src/tls/survey-plan.ts';
import { groupNames, WireTap } from '../../src/tls/wire-tap.ts';
import { startFront } from '../fixtures/front.ts';
import { makePki, writePki } from '../fixtures/pki.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const directory = t.testdir({});
await writePki(directory, pki);
const never = new AbortController().signal;
const identity = { cert: pki.server.chain, key: pki.server.key };
const required = { ...identity, ca: pki.ca.cert };

const trusting: TlsSettings = { ...routeTo('https://localhost').tls, ca: [`${directory}/ca.pem`] };
const settings: TlsSettings = { ...trusting, cert: `${directory}/client.crt`, key: `${directory}/client.key` };

function place(port: number): Place {
  const timeouts = { connect: 20_000, handshake: 20_000 };
  const name = 'localhost';
  return { hostname: '127.0.0.1', port, identity: { name, verifyHostname: true, pins: [] }, timeouts };
}

t.test('one connection at a time, each told before it begins', async (t) => {
  const up = await startUpstream(t, required);
  let open = 0;
  const front = await startFront(t, {
    to: up,
    decide: () => {
      open = Math.max(open, front.connections.filter(({ clientEnd }) => clientEnd === 'open').length);
      return 'pass';
    },
  });
  const trials: Trial[] = [];
  const found = await survey(place(front.port), settings, never, (trial) => trials.push(trial));
  t.equal(open, 1);
  t.equal(trials.length, found.handshakes.length);
  t.match(trials[0], { version: 'TLSv1.3', groups: 'default', clientCertificate: true, resuming: false });
  t.ok(trials.some(({ resuming }) => resuming));
  t.ok(trials.some(({ clientCertificate }) => !clientCertificate));
  t.same(front.hellos.at(0).hello.alpn, ['h2', 'http/1.1']);
  t.equal(front.hellos.at(0).hello.servername, 'localhost');
  t.equal(front.hellos.length, found.handshakes.length);
  t.equal(front.hellos.all().filter(({ hello }) => hello.ticket).length, 2);
});

t.test('each hello offers one version, the highest first', async (t) => {
  const front = await startFront(t, { decide: () => 'reset' });
  await survey(place(front.port), trusting, never);
  const offered = front.hellos.all().map(({ hello }) => hello.versions.join());
  t.same([...new Set(offered)], ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1']);
});

t.test('a server that minds our ALPN is asked again without', async (t) => {
  const up = await startUpstream(t, { ...identity, tls: { ALPNProtocols: ['other'] } });
  const { handshakes } = await survey(place(up.port), trusting, never);
  t.match(handshakes[0], { result: 'confirmed', alpn: null });
  const h2 = await startUpstream(t, { ...identity, tls: { ALPNProtocols: ['h2', 'http/1.1'] } });
  t.equal((await survey(place(h2.port), trusting, never)).handshakes[0]?.alpn, 'h2');
});

t.test('what this runtime cannot propose is told, and the rest is tried', async (t) => {
  const up = await startUpstream(t, identity);
  const { handshakes } = await survey(place(up.port), { ...trusting, groups: 'no-such-group' }, never);
  t.match(handshakes[0], { groups: 'configured', result: 'failed', code: 'ERR_LOCAL', hint: /does not know all of/ });
  t.match(handshakes[1], { groups: 'default', result: 'confirmed' });
});

t.test('an exchange without a named group', async (t) => {
  const { cert, key } = await pki.ca.issue({ name: 'localhost', key: 'rsa2048' });
  const groupOf = async (ciphers: string) => {
    const tls = ciphers.startsWith('DHE') ? { dhparam: 'auto' as unknown as Buffer } : {};
    const up = await startUpstream(t, { cert, key, ciphers, versions: { max: 'TLSv1.2' }, tls });
    const { handshakes } = await survey(place(up.port), trusting, never);
    return handshakes.find(({ result }) => result === 'confirmed')?.group;
  };
  t.equal(await groupOf('AES128-GCM-SHA256'), undefined);
  t.match(await groupOf('DHE-RSA-AES128-GCM-SHA256'), /^DH \d{4}$/);
  const p256 = await startUpstream(t, { ...identity, versions: { max: 'TLSv1.2' }, tls: { ecdhCurve: 'P-256' } });
  const { handshakes } = await survey(place(p256.port), trusting, never);
  t.equal(handshakes.find(({ result }) => result === 'confirmed')?.group, 'P-256');
});

t.test('an abort ends it', async (t) => {
  const front = await startFront(t, { decide: () => 'silent' });
  const controller = new AbortController();
  const running = survey(place(front.port), trusting, controller.signal);
  const { closed } = await front.hellos.first();
  controller.abort(new Error('enough'));
  await t.rejects(running, /enough/);
  await closed;
});

t.test('proposals', async (t) => {
  t.ok(hasIdentity(settings));
  t.notOk(hasIdentity(withoutIdentity(settings)));
  t.same(
    proposalsOf(trusting, 'TLSv1.2').map(({ groups }) => groups),
    ['default'],
  );
  for (const version of ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] as const) {
    for (const { ready } of proposalsOf(settings, version)) {
      t.match(ready, { offer: { min: version, max: version, legacy: version < 'TLSv1.2' } });
    }
  }
  const own = proposalsOf({ ...trusting, groups: 'X25519' }, 'TLSv1.3').map(({ groups }) => groups);
  t.same(own.slice(0, 2), ['configured', 'default']);
});

t.test('the tap passes everything on and reads records however they are cut', async (t) => {
  const sockets = createServer((socket) =>
    socket.on('data', (bytes) => socket.write(bytes)).on('error', () => undefined),
  );
  sockets.listen(0, '127.0.0.1');
  await once(sockets, 'listening');
  const raw = connect((sockets.address() as { port: number }).port, '127.0.0.1');
  t.teardown(() => {
    raw.destroy();
    sockets.close();
  });
  await once(raw, 'connect');
  const tap = new WireTap(raw);
  let seen = '';
  tap.on('data', (bytes: Buffer) => (seen += bytes.toString('hex')));
  t.equal(tap.requestedCertificate('TLSv1.3'), undefined);
  t.equal(tap.requestedCertificate('TLSv1.2'), undefined);
  const sent = '1603030004' + '0b000000' + '1703030001' + '00' + '1703030001' + '00';
  for (const byte of Buffer.from(sent, 'hex')) tap.write(Buffer.from([byte]));
  while (seen.length < sent.length) await once(tap, 'data');
  t.equal(seen, sent);
  t.equal(tap.requestedCertificate('TLSv1.2'), true);
  t.equal(tap.requestedCertificate('TLSv1.3'), true);
  t.equal(tap.group, undefined);
  t.equal(groupNames[29], 'X25519');
  tap.end();
  await once(tap, 'close');
});

t.test('an encrypted Finished is not taken for a Certificate, whatever its first byte', async (t) => {
  const raw = new Socket();
  const tap = new WireTap(raw);
  t.teardown(() => tap.destroy());
  const keyExchange = '1603030004' + '10000000';
  const finished = '140303000101' + '1603030004' + '0b000000';
  tap.write(Buffer.from(keyExchange + finished, 'hex'));
  t.equal(tap.requestedCertificate('TLSv1.2'), false);
});
