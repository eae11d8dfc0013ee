import { getDiffieHellman } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { forgeBody, startForgeServer } from '../../fixtures/forge-server.ts';
import { startFront } from '../../fixtures/front.ts';
import { ask, isProblem, offers } from '../../fixtures/ladder.ts';
import { makeAuthority, makePki, pkiFiles } from '../../fixtures/pki.ts';
import { runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const { ca } = pki;
const files = pkiFiles(pki);
const credentials = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
const [top] = offers('TLSv1.3+TLSv1.2');

/** PKCS#3 parameters with the 1024-bit group of RFC 2409. */
function weakGroup(): string {
  const group = getDiffieHellman('modp2');
  const integer = (value: Buffer): Buffer => {
    const body = (value[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value;
    return Buffer.concat([Buffer.from([2]), length(body.length), body]);
  };
  const body = Buffer.concat([integer(group.getPrime()), integer(group.getGenerator())]);
  const der = Buffer.concat([Buffer.from([0x30]), length(body.length), body]);
  return `-----BEGIN DH PARAMETERS-----\n${der.toString('base64')}\n-----END DH PARAMETERS-----\n`;
}

function length(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([0x82, value >> 8, value & 0xff]);
}

t.test('A27 a 1024-bit DH group: refused at level 2, and with the key that is named it works', async (t) => {
  const rsa = await ca.issue({ name: 'localhost', key: 'rsa2048' });
  const up = await startUpstream(t, {
    cert: rsa.chain,
    key: rsa.key,
    ca: ca.cert,
    versions: { max: 'TLSv1.2' },
    ciphers: 'DHE-RSA-AES128-GCM-SHA256@SECLEVEL=0',
    tls: { dhparam: weakGroup() },
  });
  const route = (name: string, ciphers: string) => ({
    name,
    match: { path: `/${name}` },
    upstream: up.namedUrl,
    tls: { ...credentials, ciphers },
  });
  // Said in so many words: Node's own default level is 1 up to 22 and 2 later.
  const routes = [route('strict', 'DEFAULT:@SECLEVEL=2'), route('lax', 'DEFAULT@SECLEVEL=0')];
  const proxy = await runProxy(t, { config: { listen: '127.0.0.1:0', routes }, files });
  isProblem(t, await ask(proxy, { path: '/strict' }), {
    status: 502,
    cause: 'tls-policy',
    error: 'tls_protocol_error',
    attempts: [`${top} policy`],
    detail: /DH group.*`ciphers: "DEFAULT@SECLEVEL=0"`/,
    upstream: `localhost:${up.port}`,
    route: 'strict',
  });
  t.equal(up.requests.length, 0);
  t.match((await ask(proxy, { path: '/lax' })).reply.json(), { client: 'client', protocol: 'TLSv1.2' });
});

t.test('A27 a server that does not know secure renegotiation', async (t) => {
  // A TLS 1.2 ServerHello without extensions; with the key set, the handshake goes on until the front has no more to say.
  const hello = `0303${'11'.repeat(32)}00c02b00`;
  const message = `020000${(hello.length / 2).toString(16).padStart(2, '0')}${hello}`;
  const answer = Buffer.from(`160303${(message.length / 2).toString(16).padStart(4, '0')}${message}`, 'hex');
  const front = await startFront(t, { decide: () => ({ answer, end: 'close' }) });
  const route = (name: string, tls: object) => ({
    name,
    match: { path: `/${name}` },
    upstream: front.namedUrl,
    tls: { ...credentials, versions: ['TLSv1.2'], ...tls },
  });
  const routes = [route('strict', {}), route('lax', { legacyServerConnect: true })];
  const proxy = await runProxy(t, { config: { listen: '127.0.0.1:0', routes }, files });
  isProblem(t, await ask(proxy, { path: '/strict' }), {
    status: 502,
    cause: 'tls-policy',
    error: 'tls_protocol_error',
    attempts: ['TLSv1.2 policy'],
    detail: /RFC 5746.*`legacyServerConnect: true`/,
    upstream: `localhost:${front.port}`,
    route: 'strict',
  });
  const { reply } = await ask(proxy, { path: '/lax' });
  t.match(reply.json(), { cause: 'tls-version', attempts: [{ outcome: 'close' }] }, 'its hello is accepted');
});

t.test('A27 such a server answers with the key that is named', async (t) => {
  const rsa = await makeAuthority({ name: 'RSA CA', key: 'rsa2048' });
  const [server, client] = await Promise.all([
    rsa.issue({ name: 'localhost', key: 'rsa2048' }),
    rsa.issue({ name: 'rsa-client', key: 'rsa2048', usage: 'client' }),
  ]);
  const up = await startForgeServer(t, { server, ca: rsa });
  const route = (name: string, tls: object) => ({
    name,
    match: { path: `/${name}` },
    upstream: up.namedUrl,
    tls: { ...credentials, versions: ['TLSv1'], ...tls },
  });
  const routes = [route('strict', {}), route('lax', { legacyServerConnect: true })];
  const proxy = await runProxy(t, {
    config: { listen: '127.0.0.1:0', routes },
    files: { 'ca.pem': rsa.cert, 'client.crt': client.chain, 'client.key': client.key },
  });
  isProblem(t, await ask(proxy, { path: '/strict' }), {
    status: 502,
    cause: 'tls-policy',
    error: 'tls_protocol_error',
    attempts: ['TLSv1 policy'],
    detail: /RFC 5746.*`legacyServerConnect: true`/,
    upstream: `localhost:${up.port}`,
    route: 'strict',
  });
  t.equal(up.requests.length, 0);
  t.match(await up.failures.reach(1), [{ message: 'Handshake failure.' }], 'the client ended it by an alert');
  const { reply, line } = await ask(proxy, { path: '/lax' });
  t.equal(reply.status, 200);
  t.equal(reply.text(), forgeBody);
  t.match(line, { route: 'lax', status: 200, protocol: 'TLSv1', attempts: 1 });
  t.match(proxy.log.all('handshake'), [
    { route: 'lax', protocol: 'TLSv1', cipher: /^TLS_RSA_WITH_AES_(128|256)_CBC_SHA$/ },
  ]);
  t.match(up.requests.all(), [{ line: 'GET / HTTP/1.1', client: 'rsa-client' }], 'with the client certificate');
});

t.test('ciphers and groups of which the versions can use none', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: ca.cert });
  const settings = {
    ciphers: { ciphers: 'TLS_AES_128_GCM_SHA256', versions: ['TLSv1.2'] },
    groups: { groups: 'secp224r1', versions: ['TLSv1.3'] },
  };
  const routes = Object.entries(settings).map(([name, tls]) => ({
    name,
    match: { path: `/${name}` },
    upstream: up.namedUrl,
    tls: { ...credentials, ...tls },
  }));
  const proxy = await runProxy(t, { config: { listen: '127.0.0.1:0', routes }, files });
  for (const name of Object.keys(settings)) {
    const { reply } = await ask(proxy, { path: `/${name}` });
    const detail = new RegExp(`nothing was sent, for none of this route's \`${name}\` can be used`);
    t.match(reply.json(), { status: 502, cause: 'tls-policy', attempts: [{ outcome: 'policy' }], detail });
  }
});

t.test('A27 plain HTTP on the port', async (t) => {
  const plain = createServer((_request, response) => response.end('hello'));
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  t.teardown(() => plain.close());
  const { port } = plain.address() as AddressInfo;
  const routes = [{ name: 'iot', match: { path: '/iot' }, upstream: `https://localhost:${port}`, tls: credentials }];
  const proxy = await runProxy(t, { config: { listen: '127.0.0.1:0', routes }, files });
  isProblem(t, await ask(proxy), {
    status: 502,
    cause: 'tls-policy',
    error: 'tls_protocol_error',
    attempts: [`${top} plaintext`],
    detail: /not TLS; set the port of its TLS listener in `upstream`/,
    upstream: `localhost:${port}`,
  });
});
