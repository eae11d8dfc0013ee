import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import t from 'tap';
import type { AttemptFailure } from '../../src/tls/failure.ts';
import { type AttemptSettings, attempt } from '../../src/tls/handshake.ts';
import { spkiPin } from '../../src/tls/identity.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import { attemptSettings } from '../fixtures/dial.ts';
import { type Action, startFront } from '../fixtures/front.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const { ca, server } = pki;
const required = { cert: server.chain, key: server.key, ca: ca.cert };
const never = new AbortController().signal;
const at12 = { versions: ['TLSv1.2'] } as const;
const at13 = { versions: ['TLSv1.3'] } as const;

async function connected(t: Scope, settings: AttemptSettings): Promise<SecureConnection> {
  const result = await attempt(settings, never);
  if ('failure' in result) throw result.failure.error ?? new Error(JSON.stringify(result));
  t.teardown(() => result.connection.socket.destroy());
  return result.connection;
}

async function failure(settings: AttemptSettings, signal = never): Promise<AttemptFailure> {
  const result = await attempt(settings, signal);
  if ('failure' in result) return result.failure;
  result.connection.socket.destroy();
  throw new Error('the attempt succeeded');
}

/** Keeps the event loop from looking at sockets until a timer of `ms` is due: timers come first in its next turn. */
function stall(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

t.test('a verified connection, and what was negotiated', async (t) => {
  const up = await startUpstream(t, required);
  for (const options of [at12, at13]) {
    const { negotiated, socket, offer } = await connected(t, attemptSettings(pki, up.port, options));
    t.match(negotiated, {
      protocol: options.versions[0],
      cipher: /^TLS_/,
      group: /x25519|prime256v1/i,
      resumed: false,
    });
    t.equal(offer.name, options.versions[0]);
    t.equal(socket.listenerCount('keylog'), 0);
    t.equal(socket.destroy, TLSSocket.prototype.destroy);
    const seen = await up.connections.first(({ protocol }) => protocol === options.versions[0]);
    t.match(seen, { servername: 'localhost', client: 'client' });
  }
});

t.test('an exchange without a named group', async (t) => {
  const rsa = await ca.issue({ name: 'localhost', key: 'rsa2048' });
  for (const [ciphers, group] of [
    ['AES128-GCM-SHA256', ''],
    ['DHE-RSA-AES128-GCM-SHA256', 'DH'],
  ] as const) {
    const up = await startUpstream(t, { cert: rsa.cert, key: rsa.key, ciphers, tls: { dhparam: 'auto' } });
    t.equal((await connected(t, attemptSettings(pki, up.port, at12))).negotiated.group, group);
  }
});

t.test('an address is verified as one, and is no server name', async (t) => {
  const up = await startUpstream(t, required);
  const identity = { name: '127.0.0.1', verifyHostname: true, pins: [] };
  await connected(t, { ...attemptSettings(pki, up.port), identity });
  t.equal((await up.connections.first()).servername, undefined);
});

t.test('each server’s certificate is judged, whatever was shown before to the same context', async (t) => {
  const other = await ca.issue({ name: 'other', names: ['other.test'], ips: [] });
  const renewed = await ca.issue({ name: 'localhost', notAfter: new Date(Date.now() + 7 * 86_400_000) });
  const start = ({ chain, key }: typeof other) => startUpstream(t, { cert: chain, key, ca: ca.cert });
  const [good, foreign, again] = await Promise.all([start(server), start(other), start(renewed)]);
  const endOf = ({ cert }: typeof other): number => Date.parse(new X509Certificate(cert).validTo);
  for (const options of [at12, at13]) {
    const settings = attemptSettings(pki, good.port, options);
    const pin = spkiPin(new X509Certificate(server.cert));
    const pinned = { ...settings, identity: { ...settings.identity, pins: [pin] } };
    for (let round = 0; round < 2; round += 1) {
      const first = await connected(t, pinned);
      t.equal(first.certificateEnd, endOf(server));
      t.match(first.socket.getPeerCertificate(), { raw: new X509Certificate(server.cert).raw });
      t.match((await failure({ ...settings, port: foreign.port })).error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      t.match((await failure({ ...pinned, port: again.port })).error, { code: 'ERR_TLS_PIN_MISMATCH' });
      const { socket, certificateEnd } = await connected(t, { ...settings, port: again.port });
      t.equal(certificateEnd, endOf(renewed));
      t.match(socket.getPeerCertificate(), { raw: new X509Certificate(renewed.cert).raw });
    }
  }
});

t.test('a session is resumed', async (t) => {
  const up = await startUpstream(t, required);
  for (const options of [at12, at13]) {
    const settings = attemptSettings(pki, up.port, options);
    const first = await connected(t, settings);
    // Up to TLS 1.2 the session's event comes in the tick of 'secureConnect' and is over by now.
    const session = options === at12 ? first.socket.getSession() : ((await once(first.socket, 'session'))[0] as Buffer);
    const second = await connected(t, { ...settings, session });
    t.ok(second.negotiated.resumed, options.versions[0]);
    t.equal(second.consent, 'confirmed', 'nothing is left to be refused');
  }
});

t.test('failures and how far they had come', async (t) => {
  const up = await startUpstream(t, required);
  const by = async (action: Action, options: typeof at12 | typeof at13) => {
    const front = await startFront(t, { to: up, decide: () => action });
    const found = await failure(attemptSettings(pki, front.port, options));
    await front.hellos.at(0).closed;
    return found;
  };
  for (const options of [at12, at13]) {
    t.match(await by('reset', options), { stage: 'hello', error: { code: 'ECONNRESET', syscall: 'read' } });
    t.strictSame(await by('close', options), { stage: 'hello' });
    t.match(await by({ alert: 70 }, options), { stage: 'answered', error: { message: /alert number 70\b/ } });
    t.match(await by({ answer: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, options), { error: { code: /^ERR_SSL_/ } });
    t.strictSame(await by({ passUntil: { serverBytes: 20 }, end: 'close' }, options), { stage: 'answered' });
    t.match(await by({ passUntil: { serverBytes: 300 }, end: 'reset' }, options), { stage: 'answered' });
  }
  t.match(await by({ passUntil: 'client-flight', end: 'reset' }, at12), { stage: 'certificate' });
  t.strictSame(await by({ passUntil: 'client-flight', end: 'close' }, at12), { stage: 'certificate' });
  t.match(await by({ passUntil: 'client-flight', end: { alert: 48 } }, at12), {
    stage: 'certificate',
    error: { message: /alert number 48\b/ },
  });
  t.equal(up.connections.length, 0);
});

t.test('an offer that is no ClientHello', async (t) => {
  const silent = await startFront(t, { decide: () => 'silent' });
  // The one cipher is not of the one version.
  const context = createSecureContext({ maxVersion: 'TLSv1.2', ciphers: 'TLS_AES_128_GCM_SHA256' });
  t.match(await failure({ ...attemptSettings(pki, silent.port), context }), {
    stage: 'hello',
    error: { code: 'ERR_SSL_NO_CIPHERS_AVAILABLE' },
  });
});

t.test('nothing listens', async (t) => {
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  await new Promise((done) => closed.close(done));
  t.match(await failure(attemptSettings(pki, port)), { stage: 'tcp', error: { code: 'ECONNREFUSED' } });
});

t.test('a server that does not verify', async (t) => {
  const up = await startUpstream(t, { cert: server.chain, key: server.key });
  const settings = attemptSettings(pki, up.port);
  const untrusted = (changed: Partial<AttemptSettings>) => failure({ ...settings, ...changed });
  const stage = 'verified';
  for (const versions of [at12, at13]) {
    t.match(await failure(attemptSettings(pki, up.port, { ...versions, ca: pki.other.ca.cert })), {
      stage,
      untrusted: true,
      error: { code: /^UNABLE_TO_|^SELF_SIGNED/ },
    });
  }
  const name = { name: 'device.test', verifyHostname: true, pins: [] };
  t.match(await untrusted({ identity: name }), {
    stage,
    untrusted: true,
    error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  });
  const pinned = { name: 'localhost', verifyHostname: false, pins: [pki.other.server.spkiPin] };
  t.match(await untrusted({ identity: pinned }), { stage, untrusted: true, error: { code: 'ERR_TLS_PIN_MISMATCH' } });
  await connected(t, { ...settings, identity: { ...pinned, pins: [server.spkiPin] } });
});

t.test('NODE_TLS_REJECT_UNAUTHORIZED changes nothing', async (t) => {
  const up = await startUpstream(t, { cert: server.chain, key: server.key });
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  const found = await failure(attemptSettings(pki, up.port, { ca: pki.other.ca.cert }));
  t.match(found, { untrusted: true });
});

t.test('time limits', async (t) => {
  const up = await startUpstream(t, required);

  await t.test('for TCP', async (t) => {
    const settings = { ...attemptSettings(pki, up.port), timeouts: { connect: 1, handshake: 20_000 } };
    await new Promise(setImmediate);
    const ended = attempt(settings, never);
    stall(10);
    t.match(await ended, { failure: { stage: 'tcp', timedOut: true } });
  });

  await t.test('for TLS, whatever came by then', async (t) => {
    const silent = async (action: Action, options: typeof at12 | typeof at13, handshake: number) => {
      const front = await startFront(t, { to: up, decide: () => action });
      const settings = attemptSettings(pki, front.port, options);
      const found = await failure({ ...settings, timeouts: { connect: 20_000, handshake } });
      await front.connections[0]?.closed;
      return found;
    };
    t.strictSame(await silent('silent', at13, 20), { stage: 'hello', timedOut: true });
    t.match(await silent({ passUntil: { serverBytes: 100 }, end: 'silent' }, at13, 1500), {
      stage: 'answered',
      timedOut: true,
    });
    t.match(await silent({ passUntil: 'client-flight', end: 'silent' }, at12, 1500), {
      stage: 'certificate',
      timedOut: true,
    });
  });
});

t.test('aborts', async (t) => {
  const reason = new Error('the client went away');

  await t.test('before the start nothing is opened', async (t) => {
    const front = await startFront(t, { decide: () => 'silent' });
    await t.rejects(attempt(attemptSettings(pki, front.port), AbortSignal.abort(reason)), reason);
    t.equal(front.connections.length, 0);
  });

  await t.test('while TCP connects', async (t) => {
    const front = await startFront(t, { decide: () => 'silent' });
    const controller = new AbortController();
    const ended = attempt(attemptSettings(pki, front.port), controller.signal);
    controller.abort(reason);
    await t.rejects(ended, reason);
    await front.connections[0]?.closed;
  });

  await t.test('while the server is silent', async (t) => {
    const front = await startFront(t, { decide: () => 'silent' });
    const controller = new AbortController();
    const ended = attempt(attemptSettings(pki, front.port), controller.signal);
    const { closed } = await front.hellos.first();
    controller.abort(reason);
    await t.rejects(ended, reason);
    await closed;
  });

  await t.test('after the end it has no effect', async (t) => {
    const up = await startUpstream(t, required);
    const controller = new AbortController();
    const result = await attempt(attemptSettings(pki, up.port), controller.signal);
    controller.abort(reason);
    t.ok('connection' in result && !result.connection.socket.destroyed);
    if ('connection' in result) result.connection.socket.destroy();
  });
});

t.test('no socket is left', async (t) => {
  const open = (): number => process.getActiveResourcesInfo().filter((one) => /^TCP/.test(one)).length;
  const before = open();
  await t.test('many attempts', async (t) => {
    const up = await startUpstream(t, required);
    const ends: readonly Action[] = ['reset', 'close', { alert: 70 }, { passUntil: 'client-flight', end: 'reset' }];
    const front = await startFront(t, { to: up, decide: (_hello, n) => ends[n % ends.length] as Action });
    for (let n = 0; n < 20; n += 1) {
      const result = await attempt(attemptSettings(pki, front.port, n % 2 === 0 ? at12 : at13), never);
      if ('connection' in result) result.connection.socket.destroy();
    }
    t.equal(front.connections.length, 20);
    for (const { closed } of front.connections) await closed;
  });
  t.ok(open() <= before, `${open()} are open, ${before} were`);
});
