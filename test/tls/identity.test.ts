import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import t from 'tap';
import { checkIdentity, spkiPin } from '../../src/tls/identity.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const { ca, server, other } = await makePki();
const up = await startUpstream(t, { cert: server.chain, key: server.key });

/** A verified connection whose name nobody has looked at yet. */
async function meet(t: Scope, { port } = up): Promise<TLSSocket> {
  const socket = connect({
    port,
    ca: ca.cert,
    servername: 'localhost',
    checkServerIdentity: () => undefined,
  });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const none: readonly string[] = [];

t.test('the name', async (t) => {
  const socket = await meet(t);
  for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '::1']) {
    t.equal(checkIdentity(socket, { name, verifyHostname: true, pins: none }), undefined, name);
  }
  for (const name of ['device.test', '127.0.0.2', '::2']) {
    const error = checkIdentity(socket, { name, verifyHostname: true, pins: none });
    t.match(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, name);
    t.equal(checkIdentity(socket, { name, verifyHostname: false, pins: none }), undefined);
  }
});

t.test('what is right once is judged again for anything else', async (t) => {
  const socket = await meet(t);
  const certificate = socket.getPeerCertificate();
  socket.getPeerCertificate = (() => certificate) as typeof socket.getPeerCertificate;
  const identity = { name: 'localhost', verifyHostname: true, pins: none };
  t.equal(checkIdentity(socket, identity), undefined);
  t.equal(checkIdentity(socket, identity), undefined);
  for (const other of [
    { ...identity, name: 'device.test' },
    { ...identity, pins: ['sha256/other'] },
  ]) {
    t.ok(checkIdentity(socket, other));
    t.ok(checkIdentity(socket, other), 'what is wrong stays so');
  }
  t.equal(checkIdentity(socket, identity), undefined);
});

t.test('B8 a name only in CN does not count', async (t) => {
  const bare = await ca.issue({ name: 'localhost', cnOnly: true });
  const socket = await meet(t, await startUpstream(t, { cert: bare.chain, key: bare.key }));
  const error = checkIdentity(socket, { name: 'localhost', verifyHostname: true, pins: none });
  t.match(error, { code: 'ERR_TLS_NAME_ONLY_IN_CN', message: /only as CN=localhost/ });
  t.equal(checkIdentity(socket, { name: 'localhost', verifyHostname: false, pins: none }), undefined);
});

t.test('the pins', async (t) => {
  const socket = await meet(t);
  const by = (...pins: string[]) => checkIdentity(socket, { name: 'localhost', verifyHostname: true, pins });
  t.equal(by(server.spkiPin), undefined);
  t.equal(by(other.server.spkiPin, server.spkiPin), undefined);
  const error = by(other.server.spkiPin);
  t.equal(error?.code, 'ERR_TLS_PIN_MISMATCH');
  t.ok(error?.message.includes(`pin "${server.spkiPin}"`), 'the pin that would do is told');
  t.match(
    checkIdentity(socket, { name: 'device.test', verifyHostname: true, pins: [server.spkiPin] }),
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    'a pin is asked for besides the name',
  );
});

t.test('a pin is the hash of the key, not of the certificate', async (t) => {
  t.equal(spkiPin(new X509Certificate(server.cert)), server.spkiPin);
  const renewed = await ca.issue({ name: 'localhost', sameKeyAs: server });
  t.equal(spkiPin(new X509Certificate(renewed.cert)), server.spkiPin);
});
