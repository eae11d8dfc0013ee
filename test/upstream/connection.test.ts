import t from 'tap';
import { attempt } from '../../src/tls/handshake.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import { Connection, type ConnectionUser } from '../../src/upstream/connection.ts';
import { attemptSettings } from '../fixtures/dial.ts';
import { startFront } from '../fixtures/front.ts';
import { Journal } from '../fixtures/journal.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { type RawConnection, startRawUpstream, startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };

async function dial(t: Scope, port: number): Promise<SecureConnection> {
  const result = await attempt(attemptSettings(pki, port), new AbortController().signal);
  if ('failure' in result) throw result.failure.error;
  t.teardown(() => result.connection.socket.destroy());
  return result.connection;
}

/** A user that writes down what it hears. */
class Ear implements ConnectionUser {
  readonly heard = new Journal<string>('event');
  error: NodeJS.ErrnoException | undefined;

  received(bytes: Buffer): void {
    this.heard.push(bytes.toString('latin1'));
  }

  ended(): void {
    this.heard.push('ended');
  }

  closed(error: NodeJS.ErrnoException | undefined): void {
    this.error = error;
    this.heard.push('closed');
  }

  drained(): void {
    this.heard.push('drained');
  }

  expired(): void {
    this.heard.push('expired');
  }

  failed(error: unknown): void {
    this.heard.push(`failed: ${error}`);
  }
}

async function meet(t: Scope): Promise<{ connection: Connection; gone: Journal<Connection>; peer: RawConnection }> {
  const raw = await startRawUpstream(t, { ...required, script: () => undefined });
  const secure = await dial(t, raw.port);
  const gone = new Journal<Connection>('end');
  const connection = new Connection(secure, (one) => gone.push(one));
  return { connection, gone, peer: await raw.connections.first() };
}

t.test('a user hears what comes, until it lets go', async (t) => {
  const { connection, gone, peer } = await meet(t);
  const ear = new Ear();
  t.notOk(connection.reused);
  connection.occupy(ear);
  t.notOk(connection.reused);
  await peer.write('hello');
  await ear.heard.first((text) => text === 'hello');
  connection.vacate();
  const next = new Ear();
  connection.occupy(next);
  t.ok(connection.reused);
  await peer.write('again');
  await next.heard.first((text) => text === 'again');
  peer.end();
  await next.heard.first((text) => text === 'closed');
  t.same(next.heard.all(), ['again', 'ended', 'closed']);
  t.equal(next.error, undefined);
  t.same(ear.heard.all(), ['hello']);
  t.same(gone.all(), [connection], 'told once');
  t.notOk(connection.usable);
});

t.test('a reset reaches the user with its error', async (t) => {
  const { connection, peer } = await meet(t);
  const ear = new Ear();
  connection.occupy(ear);
  peer.reset();
  await ear.heard.first((text) => text === 'closed');
  t.equal(ear.error?.code, 'ECONNRESET');
});

t.test('a user that destroys it is told', async (t) => {
  const { connection, gone } = await meet(t);
  const ear = new Ear();
  connection.occupy(ear);
  connection.destroy();
  connection.destroy();
  t.equal(gone.length, 1, 'at once, and once');
  await ear.heard.first((text) => text === 'closed');
});

t.test('without a user bytes, an end and an error retire it', async (t) => {
  for (const act of ['bytes', 'end', 'reset'] as const) {
    const { connection, gone, peer } = await meet(t);
    if (act === 'bytes') await peer.write('HTTP/1.1 200 OK\r\n\r\n');
    else if (act === 'end') peer.end();
    else peer.reset();
    t.equal(await gone.first(), connection, act);
    t.notOk(connection.usable);
    await peer.ended;
  }
});

t.test('back-pressure ends with drained', async (t) => {
  const { connection, peer } = await meet(t);
  const ear = new Ear();
  connection.occupy(ear);
  const { socket } = connection.secure;
  peer.socket.pause();
  while (socket.write(Buffer.alloc(64 * 1024)));
  peer.socket.resume();
  t.equal(await ear.heard.first((text) => text === 'drained'), 'drained');
});

t.test('data confirm that the server took our certificate', async (t) => {
  const up = await startUpstream(t, required);
  const front = await startFront(t, { to: up, decide: () => 'hold-tickets' });
  const secure = await dial(t, front.port);
  const connection = new Connection(secure, () => undefined);
  connection.occupy(new Ear());
  t.equal(secure.consent, 'pending');
  secure.socket.emit('data', Buffer.from('H'));
  t.equal(secure.consent, 'confirmed');
});
