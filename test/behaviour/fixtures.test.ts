import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ConnectionOptions, createSecureContext, connect as tlsConnect } from 'node:tls';
import t from 'tap';
import { open, rawRequest, send } from '../fixtures/client.ts';
import { type Action, startFront } from '../fixtures/front.ts';
import { parseClientHello } from '../fixtures/hello.ts';
import { encryptKey, makeAuthority, makePki, passphrase, pkiFiles, selfSigned, writePki } from '../fixtures/pki.ts';
import { oneRoute, runCommand, runProxy } from '../fixtures/proxy.ts';
import { startRawUpstream, startUpstream } from '../fixtures/upstreams.ts';
import { ConnectionEnded, deferred, Wire } from '../fixtures/wire.ts';

/** How a plain Node client saw a handshake and what came after it. */
interface Seen {
  /** `secureConnect`, `session`, `data`, `end`, the error's code, `close`, in order. */
  readonly events: string[];
  readonly error: NodeJS.ErrnoException | undefined;
  readonly protocol: string | undefined;
}

const pki = await makePki();
const { ca, server, client } = pki;
const trusting = { cert: server.chain, key: server.key, ca: ca.cert };
const identified: ConnectionOptions = { ca: ca.cert, cert: client.chain, key: client.key, servername: 'localhost' };
const classical = { ecdhCurve: 'X25519:P-256' };

/** Connects and waits for the end. `then` is called at each event and may end the connection itself. */
function look(
  port: number,
  options: ConnectionOptions = {},
  then?: (event: string, end: () => void) => void,
): Promise<Seen> {
  return new Promise((resolve) => {
    const events: string[] = [];
    let error: NodeJS.ErrnoException | undefined;
    let protocol: string | undefined;
    const socket = tlsConnect({ port, host: '127.0.0.1', ...identified, ...options });
    const note = (event: string): void => {
      events.push(event);
      then?.(event, () => socket.end());
    };
    socket.on('secureConnect', () => {
      protocol = socket.getProtocol() ?? undefined;
      note('secureConnect');
    });
    socket.on('session', () => note('session'));
    socket.on('data', () => note('data'));
    socket.on('end', () => note('end'));
    socket.on('error', (seen: NodeJS.ErrnoException) => {
      error = seen;
      note(seen.code ?? 'error');
    });
    socket.on('close', () => resolve({ events, error, protocol }));
  });
}

const atOnce = (event: string, end: () => void): void => {
  if (event === 'secureConnect') end();
};

t.test('certificates', async (t) => {
  await t.test('a leaf has its names, its purpose, its pin and its chain', async (t) => {
    const root = await makeAuthority({ name: 'Root' });
    const middle = await makeAuthority({ name: 'Middle', parent: root });
    const leaf = await middle.issue({ name: 'device', names: ['device.test'], ips: ['::1'], usage: 'server' });
    const read = new X509Certificate(leaf.cert);
    t.equal(read.subject, 'CN=device');
    t.equal(read.subjectAltName, 'DNS:device.test, IP Address:0:0:0:0:0:0:0:1');
    t.same(read.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    t.ok(read.checkIssued(new X509Certificate(middle.cert)));
    t.equal(leaf.chain, leaf.cert + middle.cert);
    t.equal(leaf.fingerprint, read.fingerprint256);
    t.match(leaf.spkiPin, /^sha256\/[A-Za-z0-9+/]{43}=$/);
    const renewed = await middle.issue({ name: 'device', sameKeyAs: leaf });
    t.equal(renewed.spkiPin, leaf.spkiPin);
    t.not(renewed.serial, leaf.serial);
    t.equal(new X509Certificate((await root.issue({ name: 'x', cnOnly: true })).cert).subjectAltName, undefined);
  });

  await t.test('weak, expired and self-signed ones on demand', async (t) => {
    const weak = await makeAuthority({ name: 'Weak', key: 'rsa1024', hash: 'SHA-1' });
    const leaf = new X509Certificate((await weak.issue({ name: 'x', key: 'rsa1024', hash: 'SHA-1' })).cert);
    t.ok(leaf.verify(new X509Certificate(weak.cert).publicKey));
    t.equal(leaf.publicKey.asymmetricKeyDetails?.modulusLength, 1024);
    const past = await ca.issue({ name: 'x', notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') });
    t.equal(new Date(new X509Certificate(past.cert).validTo).toISOString(), '2020-02-01T00:00:00.000Z');
    const own = new X509Certificate((await selfSigned({ name: 'box', key: 'ec384' })).cert);
    t.ok(own.verify(own.publicKey));
  });

  await t.test('the twin has the names but not the keys', async (t) => {
    t.equal(new X509Certificate(pki.twin.ca.cert).subject, new X509Certificate(ca.cert).subject);
    t.equal(pki.twin.client.name, client.name);
    t.not(pki.twin.client.spkiPin, client.spkiPin);
    const up = await startUpstream(t, trusting);
    const seen = await look(up.port, { ca: pki.twin.ca.cert }, atOnce);
    t.match(seen.error?.code, /^SELF_SIGNED_CERT_IN_CHAIN|^UNABLE_TO_|^CERT_SIGNATURE_FAILURE/);
  });

  await t.test('encrypted keys open with their passphrase only', async (t) => {
    const rsa = await selfSigned({ name: 'rsa', key: 'rsa2048' });
    for (const kind of ['pkcs8-aes256', 'traditional-aes256', 'traditional-3des'] as const) {
      for (const { cert, key } of [client, rsa]) {
        const sealed = encryptKey(key, 'secret', kind);
        t.match(sealed, kind === 'pkcs8-aes256' ? 'BEGIN ENCRYPTED PRIVATE KEY' : 'Proc-Type: 4,ENCRYPTED');
        createSecureContext({ cert, key: sealed, passphrase: 'secret' });
        // One wrong key of 256 leaves what looks like padding, and then no key can be read from what it gives.
        t.throws(() => createSecureContext({ cert, key: sealed, passphrase: 'wrong' }), { code: /^ERR_OSSL_/ });
      }
    }
  });

  await t.test('revocation lists: good, revoked, expired', async (t) => {
    const up = await startUpstream(t, trusting);
    const by = async (crl: string) => (await look(up.port, { crl }, atOnce)).events[0];
    t.equal(await by(await ca.revoke([])), 'secureConnect');
    t.equal(await by(await ca.revoke([server])), 'CERT_REVOKED');
    t.equal(await by(await ca.revoke([], { nextUpdate: new Date(Date.now() - 1000) })), 'CRL_HAS_EXPIRED');
    t.equal(await by(await pki.other.ca.revoke([])), 'UNABLE_TO_GET_CRL');
  });

  await t.test('files of a usual route', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'fixtures-'));
    t.teardown(() => rm(directory, { recursive: true }));
    t.equal(await writePki(directory, pki), pki);
    const file = (name: string) => readFile(join(directory, name), 'utf8');
    t.equal(await file('ca.pem'), ca.cert);
    createSecureContext({ cert: await file('client.crt'), key: await file('client-encrypted.key'), passphrase });
    t.same(Object.keys(pkiFiles(pki)).includes('twin-client.key'), true);
  });
});

t.test('the front reads hellos', async (t) => {
  const up = await startUpstream(t, { ...trusting, tls: { ALPNProtocols: ['http/1.1'] } });
  const front = await startFront(t, { to: up, decide: () => 'pass' });
  await look(front.port, { ...classical, ALPNProtocols: ['http/1.1'] }, atOnce);
  await look(front.port, { maxVersion: 'TLSv1.2', servername: '', checkServerIdentity: () => undefined }, atOnce);
  const [first, second] = await front.hellos.reach(2);
  t.match(first?.hello, {
    versions: ['TLSv1.3', 'TLSv1.2'],
    groups: [29, 23],
    postQuantum: false,
    servername: 'localhost',
    alpn: ['http/1.1'],
    ticket: false,
    fallbackScsv: false,
  });
  t.equal(first?.hello.shares[0], 29);
  t.ok(first?.hello.ciphers.includes(0x1301));
  t.ok((first?.hello.length ?? 0) < 500);
  t.equal(first?.serverHello?.version, 'TLSv1.3');
  t.match(second?.hello, { versions: ['TLSv1.2'], servername: undefined, alpn: [], shares: [] });
  t.ok(second !== undefined && first !== undefined && second.at > first.at);
  t.equal(up.connections.at(0).alpn, 'http/1.1');

  const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
  const offered = major > 3 || (major === 3 && minor >= 5);
  await t.test('post-quantum groups, where this OpenSSL offers them', async (t) => {
    await look(front.port, {}, atOnce);
    const { hello } = front.hellos.at(-1);
    t.equal(hello.postQuantum, offered);
    t.equal(hello.groups.includes(4588), offered);
    t.equal(hello.length > 1400, offered);
  });

  await t.test('a ticket offered, and a session resumed', async (t) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { minVersion: version, maxVersion: version, ...classical };
      const socket = tlsConnect({ port: front.port, host: '127.0.0.1', ...identified, ...options });
      const [session] = (await once(socket, 'session')) as [Buffer];
      socket.destroy();
      const from = up.connections.length;
      await look(front.port, { ...options, session }, atOnce);
      t.ok(front.hellos.at(-1).hello.ticket, version);
      const record = await up.connections.first(() => true, from);
      t.match(record, { resumed: true, client: 'client', protocol: version });
    }
  });

  await t.test('parts, GREASE and strangers', async (t) => {
    const bytes = Buffer.from(
      '160301003b010000370303' +
        '11'.repeat(32) +
        '00' +
        '00040a0a1301' +
        '0100' +
        '000a' +
        '0a0a0000' +
        '002b00020000',
      'hex',
    );
    t.equal(parseClientHello(bytes.subarray(0, 3)), undefined);
    t.equal(parseClientHello(bytes.subarray(0, 30)), undefined);
    t.throws(() => parseClientHello(Buffer.from('GET / HTTP/1.1')), /no TLS/);
    t.throws(() => parseClientHello(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])), /no ClientHello/);
    const plain = await rawRequest(t, front.port, 'GET / HTTP/1.1\r\n\r\n');
    t.equal(await plain.ended, 'end');
    t.equal(front.connections.at(-1)?.hello, undefined);
  });
});

t.test('the front ends connections on the hello', async (t) => {
  const cases: [Action, RegExp | string, string?][] = [
    ['reset', 'read ECONNRESET', 'ECONNRESET'],
    ['close', 'Client network socket disconnected before secure TLS connection was established', 'ECONNRESET'],
    ...[70, 40, 71, 47, 50, 80, 10, 86].map((alert): [Action, RegExp] => [
      { alert },
      new RegExp(`alert number ${alert}\\b`),
    ]),
    [{ answer: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, /wrong version number|packet length too long|unknown protocol/i],
    // After bytes a reset can look like a close: libuv below 1.52 (Node 20, 22) reports both arriving at once as an end.
    [{ answer: 'HTTP', end: 'reset' }, /ECONNRESET|disconnected before secure/, 'ECONNRESET'],
  ];
  for (const [action, message, code] of cases) {
    const front = await startFront(t, { decide: () => action });
    const { error, events } = await look(front.port);
    t.match(error?.message, message, JSON.stringify(action));
    if (code !== undefined) t.equal(error?.code, code);
    t.notOk(events.includes('secureConnect'));
    t.match(front.hellos.at(0), { n: 0, action });
    await front.hellos.at(0).closed;
  }
});

t.test('the front decides by hello and number, and can be mended', async (t) => {
  const up = await startUpstream(t, trusting);
  const front = await startFront(t, {
    to: up,
    decide: (hello, n): Action => (n === 0 || hello.versions.includes('TLSv1.3') ? 'reset' : 'pass'),
  });
  t.equal((await look(front.port, { maxVersion: 'TLSv1.2' })).error?.code, 'ECONNRESET');
  t.equal((await look(front.port, {})).error?.code, 'ECONNRESET');
  t.equal((await look(front.port, { maxVersion: 'TLSv1.2' }, atOnce)).protocol, 'TLSv1.2');
  front.decide = async (): Promise<Action> => 'pass';
  t.equal((await look(front.port, {}, atOnce)).protocol, 'TLSv1.3');
  t.equal(front.connections.length, 4);
  t.equal(up.accepted, 2);
});

t.test('a silent front says nothing and sees the client leave', async (t) => {
  const front = await startFront(t, { decide: () => 'silent' });
  const socket = tlsConnect({ port: front.port, host: '127.0.0.1', ...identified });
  let heard = '';
  for (const event of ['secureConnect', 'end', 'error']) socket.on(event, () => (heard += event));
  const { closed } = await front.hellos.first();
  socket.destroy();
  await closed;
  t.equal(heard, '');
  t.equal(front.hellos.at(0).clientEnd, 'end');

  const waiting = await startFront(t, { decide: () => new Promise(() => undefined) });
  const other = tlsConnect({ port: waiting.port, host: '127.0.0.1', ...identified });
  other.on('error', () => undefined); // destroyed before its handshake: what it says of that is not looked at
  const hello = await waiting.hellos.first();
  other.destroy();
  await hello.closed;
  t.equal(hello.clientEnd, 'end');
});

t.test('a front answers on accept', async (t) => {
  const reset = await startFront(t, { greet: 'reset', decide: () => 'pass' });
  t.equal((await look(reset.port)).error?.code, 'ECONNRESET');
  const close = await startFront(t, { greet: 'close', decide: () => 'pass' });
  t.equal((await look(close.port)).error?.code, 'ECONNRESET');
  const banner = await startFront(t, { greet: { answer: '220 mail.test ESMTP\r\n' }, decide: () => 'silent' });
  t.equal((await look(banner.port)).error?.code, 'ERR_SSL_WRONG_VERSION_NUMBER');
});

t.test('a front that cannot do what it is told makes its close fail', async (t) => {
  const scope = { teardown: () => undefined };
  const front = await startFront(scope, { decide: () => 'pass' });
  await look(front.port);
  await t.rejects(front.close(), /no `to`/);
});

t.test('the front ends connections later', async (t) => {
  const up = await startUpstream(t, trusting);
  let action: Action = 'pass';
  const front = await startFront(t, { to: up, decide: () => action });

  await t.test('after the client flight of TLS 1.2', async (t) => {
    const at12: ConnectionOptions = { maxVersion: 'TLSv1.2' };
    action = { passUntil: 'client-flight', end: 'reset' };
    t.match(await look(front.port, at12), { events: ['ECONNRESET'], error: { syscall: 'read' } });
    t.same(
      front.hellos.at(-1).clientRecords,
      [22, 22, 22, 22, 20, 22],
      'hello, certificate, key exchange, verify, change, finished',
    );
    action = { passUntil: 'client-flight', end: 'close' };
    t.match((await look(front.port, at12)).error?.message, 'disconnected before secure');
    action = { passUntil: 'client-flight', end: { alert: 48 } };
    t.match((await look(front.port, at12)).error?.message, /alert number 48/);
    t.equal(up.connections.length, 0, 'the server never saw the flight');
  });

  await t.test('after the client flight of TLS 1.3', async (t) => {
    action = { passUntil: 'client-flight', end: 'reset' };
    t.same((await look(front.port)).events, ['secureConnect', 'ECONNRESET']);
    action = { passUntil: 'client-flight', end: 'close' };
    const closed = await look(front.port);
    t.same(closed.events, ['secureConnect', 'end']);
    t.equal(closed.error, undefined);
    for (const ciphers of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
      for (const alert of [116, 48, 42]) {
        action = { passUntil: 'client-flight', end: { alert } };
        const seen = await look(front.port, { ciphers });
        t.equal(seen.events[0], 'secureConnect');
        t.match(seen.error?.message, new RegExp(`alert number ${alert}\\b`), `${ciphers} ${alert}`);
      }
    }
    t.equal(up.connections.length, 0);
  });

  await t.test('after a HelloRetryRequest', async (t) => {
    const retrying = await startUpstream(t, { ...trusting, tls: { ecdhCurve: 'P-384' } });
    const between = await startFront(t, {
      to: retrying,
      decide: () => ({ passUntil: 'client-flight', end: 'close' }),
    });
    const seen = await look(between.port, { ecdhCurve: 'P-256:P-384' });
    t.same(seen.events, ['secureConnect', 'end']);
    t.ok(between.hellos.at(0).serverHello?.helloRetryRequest);
  });

  await t.test('after so many bytes', async (t) => {
    action = { passUntil: { serverBytes: 300 }, end: 'reset' };
    t.equal((await look(front.port)).events.at(-1), 'ECONNRESET');
    action = { passUntil: { serverBytes: 20 }, end: 'close' };
    t.match((await look(front.port)).error?.message, 'disconnected before secure');
    action = { passUntil: { clientBytes: 100 }, end: { alert: 80 } };
    t.match((await look(front.port)).error?.message, /alert number 80\b/);
  });

  await t.test('a front may keep the session tickets back', async (t) => {
    action = 'hold-tickets';
    const options = { port: front.port, host: '127.0.0.1', ...identified };
    const socket = tlsConnect(options);
    const events: string[] = [];
    for (const event of ['secureConnect', 'session']) socket.on(event, () => events.push(event));
    const arrived = up.connections.length;
    await up.connections.first(() => true, arrived);
    const quiet = front.hellos.at(-1);
    t.same(events, ['secureConnect']);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    socket.resume();
    await once(socket, 'end');
    t.same(events, ['secureConnect', 'session', 'session']);
    await quiet.closed;
    const at12 = await look(front.port, { maxVersion: 'TLSv1.2' }, atOnce);
    t.equal(at12.protocol, 'TLSv1.2');
  });

  await t.test('an alert in TLS 1.3 needs the secrets of the server', async (t) => {
    const scope = { teardown: () => undefined };
    const decide = (): Action => ({ passUntil: 'client-flight', end: { alert: 48 } });
    const blind = await startFront(scope, { to: { port: up.port }, decide });
    await look(blind.port);
    await t.rejects(blind.close(), /needs `to.secrets`/);
  });

  await t.test('when a test says so', async (t) => {
    action = 'pass';
    const before = up.connections.length;
    const seen = await look(front.port, { maxVersion: 'TLSv1.2' }, (event) => {
      if (event === 'secureConnect')
        up.connections.first(() => true, before).then(() => front.hellos.at(-1).cut('reset'), t.fail);
    });
    t.same(seen.events.at(-1), 'ECONNRESET');
  });
});

t.test('a Node server drops a refused certificate without an alert', async (t) => {
  const up = await startUpstream(t, trusting);
  const { cert, key } = pki.other.client;
  const at12 = await look(up.port, { cert, key, maxVersion: 'TLSv1.2' });
  t.same(at12.events, ['end', 'ECONNRESET']);
  const at13 = await look(up.port, { cert, key });
  t.same(at13.events, ['secureConnect', 'end']);
  t.equal(up.connections.length, 0);
});

t.test('legacy servers', async (t) => {
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    const up = await startUpstream(t, { ...trusting, versions: { min: version, max: version } });
    const legacy: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    t.equal((await look(up.port, legacy, atOnce)).protocol, version);
    t.match(await up.connections.first(), { client: 'client', protocol: version });
    t.match((await look(up.port)).error?.message, /alert number 70\b/);
  }
});

t.test('the upstream records requests', async (t) => {
  const up = await startUpstream(t, trusting);
  const ask = (options: object, body?: string, trailers?: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      const request = httpsRequest(
        { port: up.port, host: '127.0.0.1', agent: false, ...identified, ...options },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part) => (text += part));
          response.on('end', () => resolve(text));
        },
      );
      request.on('error', reject);
      if (body !== undefined) request.write(body);
      if (trailers !== undefined) request.addTrailers(trailers);
      request.end();
    });
  const account = await ask(
    { method: 'PUT', path: '/a%2Fb?', headers: { Trailer: 'X-Sum', 'X-A': ['1', '2'] } },
    'hello',
    { 'X-Sum': '7' },
  );
  const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
  t.match(JSON.parse(account), {
    client: 'client',
    protocol: 'TLSv1.3',
    method: 'PUT',
    target: '/a%2Fb?',
    bytes: 5,
    sha256,
  });
  const record = up.requests.at(0);
  t.match(record, { n: 0, nth: 0, complete: true, bytes: 5, sha256, rawTrailers: ['X-Sum', '7'], httpVersion: '1.1' });
  t.same(record.values('x-a'), ['1', '2']);
  t.equal(record.body.toString(), 'hello');
  t.equal(record.connection.client, 'client');

  up.handler = (_request, _response, { connection }) => connection.reset();
  await t.rejects(ask({}), { code: 'ECONNRESET', syscall: 'read' });
  up.handler = (_request, _response, { connection }) => connection.drop();
  await t.rejects(ask({}), { code: 'ECONNRESET', message: 'socket hang up' });
  const cut = up.requests.first(({ method }) => method === 'POST');
  const socket = tlsConnect({ port: up.port, host: '127.0.0.1', ...identified });
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
  up.handler = () => undefined;
  await cut;
  socket.destroy();
  await (await cut).finished;
  t.match(await cut, { complete: false });
});

t.test(
  'an upstream says 100 before its final response, also while the answer before is not quite finished',
  async (t) => {
    const first = deferred<void>();
    const up = await startUpstream(t, {
      ...trusting,
      handler: async (request, response) => {
        // A Buffer, because Node puts a string's head into the same write, behind what waits.
        if (request.method === 'GET') await first.promise;
        response.end(Buffer.from('body'));
      },
      configure: (server) => server.once('checkContinue', () => first.resolve()),
    });
    const socket = tlsConnect({ port: up.port, host: '127.0.0.1', ...identified });
    const wire = new Wire(socket);
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n-',
    );
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    await wire.until('body');
    t.equal(await wire.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    await wire.until('body');
    await wire.close();
  },
);

t.test('a handler that throws makes close fail', async (t) => {
  const up = await startUpstream(
    { teardown: () => undefined },
    { ...trusting, handler: () => Promise.reject(new Error('oops')) },
  );
  const socket = tlsConnect({ port: up.port, host: '127.0.0.1', ...identified });
  socket.on('error', () => undefined); // the drop is what is being made
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'close');
  await t.rejects(up.close(), /oops/);
});

t.test('a raw upstream writes any bytes and ends at any point', async (t) => {
  const raw = await startRawUpstream(t, {
    ...trusting,
    async script(connection) {
      const head = await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Le');
      await connection.write('ngth: 10\r\n\r\nabc');
      if (head.startsWith('GET /reset')) connection.reset();
      else if (head.startsWith('GET /drop')) connection.drop();
      else connection.end('defghij');
    },
  });
  const ask = async (path: string) => {
    const socket = tlsConnect({ port: raw.port, host: '127.0.0.1', ...identified });
    let text = '';
    let code = '';
    socket.setEncoding('latin1').on('data', (part) => (text += part));
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? ''));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((done) => socket.once('close', done));
    return { text, code };
  };
  t.match(await ask('/'), { text: /\r\n\r\nabcdefghij$/, code: '' });
  t.match(await ask('/drop'), { text: /\r\n\r\nabc$/, code: '' });
  t.notMatch(await ask('/reset'), { text: /abcd/ }); // a reset may overtake bytes, and look like an end: see above
  t.match(raw.connections.at(0).record, { n: 0, client: 'client', protocol: 'TLSv1.3' });
  t.match(raw.connections.at(0).text(), /^GET \/ HTTP\/1\.1\r\n/);
});

t.test('the small clients', async (t) => {
  const { createServer } = await import('node:http');
  const seen: string[][] = [];
  const plain = createServer((request, response) => {
    seen.push(request.rawHeaders);
    if (request.url === '/cut') {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('abc', () => response.destroy());
      return;
    }
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.writeHead(200, { Trailer: 'X-End' });
    request.on('data', (part) => response.write(part));
    request.on('end', () => {
      response.addTrailers([['X-End', request.trailers['x-sum'] ?? 'none']]);
      response.end();
    });
  });
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  t.teardown(() => plain.close());
  const { port } = plain.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;

  const reply = await send(`${url}/x`, {
    method: 'POST',
    headers: ['x-B', '1', 'X-a', '2', 'x-b', '3'],
    body: Readable.from(['hel', 'lo']),
    trailers: ['X-Sum', '7'],
  });
  t.match(reply, { status: 200, trailers: { 'x-end': '7' }, rawTrailers: ['X-End', '7'], interim: [{ status: 103 }] });
  t.equal(reply.text(), 'hello');
  t.same(seen[0]?.slice(0, 10), [
    'Host',
    `127.0.0.1:${port}`,
    'x-B',
    '1',
    'X-a',
    '2',
    'x-b',
    '3',
    'Transfer-Encoding',
    'chunked',
  ]);
  const asked = await send(url, { method: 'PUT', body: '{"a":1}', headers: { Expect: '100-continue' } });
  t.same(asked.json(), { a: 1 });
  t.same(
    asked.interim.map(({ status }) => status),
    [100, 103],
  );
  await t.rejects(send(`${url}/cut`), { message: /cut short after 3 bytes/, reply: { status: 200 } });
  const going = open(`${url}/never`, { method: 'POST', headers: ['Content-Length', '5'] });
  going.request.destroy();
  await t.rejects(going.response);

  const wire = await rawRequest(t, port, 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  t.match((await wire.until(/\r\n\r\n/)).toString(), /^HTTP\/1\.1 103/);
  t.match(await wire.head(), /^HTTP\/1\.1 200/);
  t.equal((await wire.until(3)).toString(), '0\r\n');
  wire.end();
  t.equal(await wire.ended, 'end');
  t.match(wire.text(), /X-End: none\r\n\r\n$/);
  await t.rejects(
    wire.until('more'),
    new ConnectionEnded('connection ended (end) before more; unread: "X-End: none\\r\\n\\r\\n"'),
  );
});

t.test('the command runs as a child process', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fixtures-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const script = join(directory, 'stand-in.mjs');
  await writeFile(
    script,
    `import { createServer } from 'node:http';
     import { readFileSync } from 'node:fs';
     const [command, , file] = process.argv.slice(2);
     if (command !== 'run') { process.stderr.write('usage'); process.exit(2); }
     const config = readFileSync(file, 'utf8');
     const log = (line) => process.stdout.write(JSON.stringify({ level: 30, time: Date.now(), ...line }) + '\\n');
     if (config.includes('broken')) { process.stderr.write('proxy.yaml:1:1: broken'); process.exit(2); }
     const server = createServer((request, response) => { response.end(config); log({ msg: 'request', path: request.url }); });
     server.listen(0, '127.0.0.1', () => {
       process.stdout.write('not JSON\\n');
       if (config.includes('::1')) log({ msg: 'listening', address: 'unix:/run/p.sock' });
       log({ msg: 'listening', address: process.env.BARE + '127.0.0.1:' + server.address().port });
     });
     process.on('SIGTERM', () => server.close(() => log({ msg: 'stopped' })));`,
  );
  for (const BARE of ['', 'http://']) {
    const proxy = await runProxy(t, {
      script,
      env: { BARE },
      config: oneRoute('https://localhost:1/api', { versions: ['TLSv1.2'] }),
      files: pkiFiles(pki),
    });
    t.match(proxy.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const logged = proxy.log.next(({ msg, path }) => msg === 'request' && path === '/iot');
    t.match((await send(`${proxy.url}/iot`)).text(), /upstream: https:\/\/localhost:1\/api/);
    await logged;
    t.same(proxy.log.other, ['not JSON']);
    t.equal(proxy.log.all('request').length, 1);
    t.equal(await readFile(join(proxy.directory, 'ca.pem'), 'utf8'), ca.cert);
    t.match(await proxy.stop(), { code: 0, signal: null, stdout: /"stopped"/, stderr: '' });
    await t.rejects(proxy.log.next('never'), /the process ended \(0\)/);
  }
  const two = await runProxy(t, { script, env: { BARE: '' }, config: { listen: ['127.0.0.1:0', '[::1]:0'] } });
  t.match(two.addresses, ['unix:/run/p.sock', /^127\.0\.0\.1:\d+$/]);
  t.equal(two.url, '');
  t.match(await two.kill(), { code: null, signal: 'SIGKILL' });
  await t.rejects(runProxy(t, { script, config: 'broken' }), /proxy\.yaml:1:1: broken/);
  t.match(await runCommand(['other'], { script }), { code: 2, stderr: 'usage' });
});
