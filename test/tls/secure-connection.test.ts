import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer, type TLSSocket } from 'node:tls';
import t from 'tap';
import { attempt } from '../../src/tls/handshake.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import { attemptSettings, type DialOptions } from '../fixtures/dial.ts';
import { type Action, type Front, startFront } from '../fixtures/front.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startRawUpstream, startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };

async function dial(t: Scope, port: number, options: DialOptions = {}): Promise<SecureConnection> {
  const result = await attempt(attemptSettings(pki, port, options), new AbortController().signal);
  if ('failure' in result) throw result.failure.error ?? new Error(JSON.stringify(result));
  t.teardown(() => result.connection.socket.destroy());
  return result.connection;
}

const decided = (connection: SecureConnection): Promise<void> =>
  new Promise((resolve) => connection.whenDecided(resolve));

/** A connection through a front that does something with it. */
async function through(t: Scope, action: Action): Promise<{ connection: SecureConnection; front: Front }> {
  const up = await startUpstream(t, required);
  const front = await startFront(t, { to: up, decide: () => action });
  return { connection: await dial(t, front.port), front };
}

t.test('TLS 1.2: complete is confirmed', async (t) => {
  const up = await startUpstream(t, required);
  const connection = await dial(t, up.port, { versions: ['TLSv1.2'] });
  t.equal(connection.consent, 'confirmed');
  let called = false;
  connection.whenDecided(() => {
    called = true;
  });
  t.ok(called, 'at once');
  connection.confirm();
  t.equal(connection.consent, 'confirmed');
});

t.test('TLS 1.3: confirmed by the session ticket', async (t) => {
  const up = await startUpstream(t, required);
  const connection = await dial(t, up.port);
  t.equal(connection.consent, 'pending');
  const order: number[] = [];
  connection.whenDecided(() => order.push(1));
  connection.whenDecided(() => order.push(2));
  await once(connection.socket, 'session');
  await decided(connection);
  t.equal(connection.consent, 'confirmed');
  t.equal(connection.refusal, undefined);
  t.same(order, [1, 2]);
});

t.test('TLS 1.3: confirmed by data', async (t) => {
  const { connection } = await through(t, 'hold-tickets');
  t.equal(connection.consent, 'pending');
  connection.confirm();
  t.equal(connection.consent, 'confirmed');
});

t.test('TLS 1.3: confirmed when nothing comes for the settle time', async (t) => {
  const { connection } = await through(t, 'hold-tickets');
  const started = performance.now();
  await decided(connection);
  t.equal(connection.consent, 'confirmed');
  t.ok(performance.now() - started > 25);
});

t.test('TLS 1.3: refused by a close', async (t) => {
  const up = await startUpstream(t, required);
  const connection = await dial(t, up.port, { as: pki.other.client });
  await decided(connection);
  t.equal(connection.consent, 'refused');
  t.match(connection.refusal, { action: 'stop', outcome: 'close', cause: 'client-certificate' });
  connection.confirm();
  t.equal(connection.consent, 'refused', 'once is for good');
});

t.test('TLS 1.3: refused by a reset', async (t) => {
  const { connection } = await through(t, { passUntil: 'client-flight', end: 'reset' });
  await decided(connection);
  t.match(connection, { consent: 'refused', lastError: { code: 'ECONNRESET' } });
  t.match(connection.refusal, { outcome: 'reset', cause: 'client-certificate' });
});

t.test('TLS 1.3: refused by an alert', async (t) => {
  for (const alert of [116, 48]) {
    const { connection } = await through(t, { passUntil: 'client-flight', end: { alert } });
    await decided(connection);
    t.match(connection, { consent: 'refused', refusal: { outcome: 'alert', cause: 'client-certificate', alert } });
  }
});

t.test('what the kernel has not taken yet is counted, and becomes less while the server reads', async (t) => {
  let told: (socket: TLSSocket) => void = () => undefined;
  const accepted = new Promise<TLSSocket>((resolve) => (told = resolve));
  const server = createServer({ ...required, requestCert: true }, (socket) => told(socket));
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await dial(t, (server.address() as AddressInfo).port);
  const socket = await accepted;
  t.teardown(() => socket.destroy());
  t.equal(connection.unsent, 0);
  const bytes = 64 * 1024 * 1024;
  // More than any kernel keeps: some of it waits until somebody reads.
  connection.socket.write(Buffer.alloc(bytes));
  for (let same = 0, last = -1; same < 5; ) {
    await turn();
    same = connection.unsent > 0 && connection.unsent === last ? same + 1 : 0;
    last = connection.unsent;
  }
  const stuck = connection.unsent;
  let read = 0;
  const all = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      read += chunk.length;
      if (read === bytes) resolve();
    });
  });
  while (connection.unsent === stuck) await turn();
  await all;
  while (connection.unsent > 0) await turn();
  t.equal(connection.unsent, 0);
  connection.socket.destroy();
  await once(connection.socket, 'close');
  t.equal(connection.unsent, 0);
});

t.test('an error later is kept and never thrown', async (t) => {
  for (const versions of [['TLSv1.2'], ['TLSv1.3']] as const) {
    const raw = await startRawUpstream(t, { ...required, script: (peer) => peer.head() });
    const connection = await dial(t, raw.port, { versions });
    await decided(connection);
    const closed = new Promise((resolve) => connection.socket.once('close', resolve));
    (await raw.connections.first()).reset();
    await closed;
    t.equal(connection.consent, 'confirmed');
    t.match(connection.lastError, { code: 'ECONNRESET' });
  }
});
