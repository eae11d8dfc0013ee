import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import t from 'tap';
import { type AttemptSettings, attempt } from '../../src/tls/handshake.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import { withoutCertificate } from '../../src/tls/session-state.ts';
import { attemptSettings } from '../fixtures/dial.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream, type UpstreamOptions } from '../fixtures/upstreams.ts';

const pki = await makePki();
const { ca, server } = pki;
const required: UpstreamOptions = { cert: server.chain, key: server.key, ca: ca.cert };
const certificate = new X509Certificate(server.cert).raw;
const never = new AbortController().signal;

async function connected(t: Scope, settings: AttemptSettings): Promise<SecureConnection> {
  const result = await attempt(settings, never);
  if ('failure' in result) throw result.failure.error ?? new Error(JSON.stringify(result));
  t.teardown(() => result.connection.socket.destroy());
  return result.connection;
}

async function sessionOf({ socket, negotiated }: SecureConnection): Promise<Buffer> {
  if (negotiated.protocol !== 'TLSv1.3') return socket.getSession() as Buffer;
  return (await once(socket, 'session'))[0] as Buffer;
}

/** DER, with a length of as few octets as it takes. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...octets]), content]);
}

/** The form's version and TLS 1.3, as OpenSSL begins a session. */
const beginning = Buffer.from('02010102020304', 'hex');

function session(...fields: Buffer[]): Buffer {
  return der(0x30, Buffer.concat([beginning, ...fields]));
}

const peer = der(0xa3, Buffer.alloc(600, 1));

t.test('TLS 1.3: the certificate is not in it, and it is resumed none the less', async (t) => {
  const up = await startUpstream(t, required);
  const settings = attemptSettings(pki, up.port, { versions: ['TLSv1.3'] });
  const whole = await sessionOf(await connected(t, settings));
  t.ok(whole.includes(certificate));
  const less = withoutCertificate(whole);
  t.notOk(less.includes(certificate));
  // What goes with the certificate is its own tag and length, and a shorter length of the whole.
  const saved = whole.length - less.length;
  t.ok(saved >= certificate.length && saved <= certificate.length + 8);
  t.same(withoutCertificate(less), less, 'twice is once');
  const again = await connected(t, { ...settings, session: less });
  t.ok(again.negotiated.resumed);
  t.equal(again.consent, 'confirmed');
  t.match(await up.connections.first(({ resumed }) => resumed), { client: 'client', servername: 'localhost' });
});

t.test('TLS 1.2: Node would refuse it without', async (t) => {
  const up = await startUpstream(t, required);
  const settings = attemptSettings(pki, up.port, { versions: ['TLSv1.2'] });
  const whole = await sessionOf(await connected(t, settings));
  t.ok(whole.includes(certificate));
  t.equal(withoutCertificate(whole), whole);
});

t.test('a server that does not know it is judged by what it shows', async (t) => {
  const up = await startUpstream(t, required);
  const settings = attemptSettings(pki, up.port, { versions: ['TLSv1.3'] });
  const less = withoutCertificate(await sessionOf(await connected(t, settings)));
  const stranger = await (await makePki()).ca.issue({ name: 'localhost' });
  const other = await ca.issue({ name: 'other', names: ['other.test'], ips: [] });
  for (const [{ cert, key }, code] of [
    [stranger, /UNABLE_TO_|SELF_SIGNED/],
    [other, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const) {
    const foreign = await startUpstream(t, { cert, key });
    const result = await attempt({ ...settings, port: foreign.port, session: less }, never);
    t.match(result, { failure: { untrusted: true, error: { code } } });
  }
});

t.test('one that notes a failed verification keeps its certificate, for that is looked at with it', async (t) => {
  const failed = session(peer, der(0xa5, Buffer.from([2, 1, 20])));
  t.equal(withoutCertificate(failed), failed);
});

t.test('whatever Node puts before it, and however long it is', async (t) => {
  const node = Buffer.from('\0nodejs:tls:session:1\0\0\x09localhost', 'latin1');
  for (const before of [Buffer.alloc(0), node]) {
    for (const length of [0, 1, 115, 116, 120, 121, 240, 244, 245, 246, 250, 1_000, 60_000]) {
      const rest = der(0xaa, Buffer.alloc(length, 0xa3));
      const found = withoutCertificate(Buffer.concat([before, session(peer, rest)]));
      t.same(found, Buffer.concat([before, session(rest)]), `${length} octets`);
    }
  }
});

t.test('what has another form stays as it is', async (t) => {
  const good = session(peer, der(0xaa, Buffer.alloc(300)));
  const last = good.length - 1;
  const others = {
    'cut short': good.subarray(0, last),
    'with something behind it': Buffer.concat([good, Buffer.alloc(1)]),
    'another outer tag': Buffer.concat([Buffer.from([0x31]), good.subarray(1)]),
    'an element longer than the whole': session(peer, Buffer.from([0xaa, 0x82, 0xff, 0xff])),
    'an element without a length': session(peer, Buffer.alloc(200), Buffer.from([0xaa])),
    'an element cut within its length': session(peer, Buffer.alloc(200), Buffer.from([0xaa, 0x82, 0])),
    'a length of four octets': session(peer, Buffer.from([0xaa, 0x84, 0, 0, 0, 0])),
    'an indefinite length': session(peer, Buffer.from([0xaa, 0x80]), Buffer.alloc(130)),
    'no outer element': Buffer.concat([beginning, peer]),
    empty: Buffer.alloc(0),
  };
  for (const [kind, bytes] of Object.entries(others)) t.equal(withoutCertificate(bytes), bytes, kind);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: last }), (noise, at) => {
      const bytes = Buffer.concat([good.subarray(0, at), noise]);
      const found = withoutCertificate(bytes);
      return found === bytes || found.length < bytes.length;
    }),
  );
  t.same(withoutCertificate(good), session(der(0xaa, Buffer.alloc(300))), 'the good one does not');
});
