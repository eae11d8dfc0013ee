import t from 'tap';
import {
  type ConnectAction,
  type ConnectProxy,
  type ConnectProxyOptions,
  startConnectProxy,
} from '../../fixtures/connect-proxy.ts';
import { ask, isProblem, offers } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
const [first] = offers('TLSv1.3+TLSv1.2');
const secret = 'hunter2';

interface Expected {
  readonly cause: 'refused' | 'unreachable' | 'dns' | 'timeout';
  readonly code: string;
  /** What stands behind the proxy's name. */
  readonly detail: RegExp;
}

const errors = {
  refused: 'connection_refused',
  unreachable: 'destination_ip_unroutable',
  dns: 'dns_error',
  timeout: 'connection_timeout',
};

const answered = (status: number, ...fields: string[]): ConnectAction => ({
  answer: `HTTP/1.1 ${status} No\r\n${fields.map((field) => `${field}\r\n`).join('')}Content-Length: 4\r\n\r\noops`,
  end: 'close',
});
const basic = 'Proxy-Authenticate: Basic realm="egress"';

/** One request through a proxy; nothing of the credentials may be in anything that is told. */
async function fails(
  t: Parameters<typeof isProblem>[0],
  via: object | string,
  name: string,
  expected: Expected,
  route: object = {},
): Promise<void> {
  const proxy = await runProxy(t, {
    config: { ...oneRoute(up.url, {}, { via, ...route }), log: { level: 'trace' } },
    files: pkiFiles(pki),
    env: { EGRESS_PASSWORD: secret },
  });
  const accepted = up.accepted;
  const asked = await ask(proxy);
  const { cause, code, detail } = expected;
  isProblem(t, asked, {
    status: cause === 'timeout' ? 504 : 502,
    cause,
    error: errors[cause],
    attempts: [`${first} via`],
    detail,
    upstream: `127.0.0.1:${up.port}`,
  });
  const document = asked.reply.json<{ detail: string; attempts: { code: string }[] }>();
  t.equal(document.attempts[0]?.code, code);
  t.ok(document.detail.includes(`CONNECT proxy ${name}`), 'the proxy is named');
  t.ok(document.detail.startsWith(`127.0.0.1:${up.port}: `), 'and so is the upstream');
  t.equal(up.accepted, accepted, 'the upstream was not asked');
  t.equal(proxy.log.all('fallback').length, 0);
  const { stdout, stderr } = await proxy.stop();
  const token = Buffer.from(`jane:${secret}`).toString('base64');
  for (const text of [asked.reply.text(), asked.reply.rawHeaders.join('\n'), stdout, stderr]) {
    for (const word of [secret, token, 'jane']) t.notOk(text.includes(word), 'no credentials');
  }
}

const rows: readonly (Expected & {
  readonly name: string;
  readonly proxy: ConnectProxyOptions;
  /** Whether credentials are configured. Default: yes. */
  readonly anonymous?: boolean;
})[] = [
  {
    name: '407 to missing credentials',
    proxy: { decide: () => answered(407, basic) },
    anonymous: true,
    cause: 'refused',
    code: 'CONNECT_407',
    detail: / wants credentials \(407\); set `via.username` and `via.password`/,
  },
  {
    name: '407 to wrong credentials',
    proxy: { decide: () => answered(407, 'Proxy-Authenticate: NTLM', basic) },
    cause: 'refused',
    code: 'CONNECT_407',
    detail: / did not accept the credentials \(407\); check `via.username` and `via.password`/,
  },
  {
    name: '407 for another scheme',
    proxy: { decide: () => answered(407, 'Proxy-Authenticate: Negotiate, NTLM', 'Proxy-Authenticate: NTLM') },
    cause: 'refused',
    code: 'CONNECT_407',
    detail: / wants credentials by Negotiate, NTLM \(407\), and only Basic is supported/,
  },
  {
    name: '403',
    proxy: { decide: () => answered(403, 'X-Squid-Error: ERR_ACCESS_DENIED 0') },
    cause: 'refused',
    code: 'CONNECT_403',
    detail: / does not allow a tunnel to that host and port \(403, ERR_ACCESS_DENIED\)/,
  },
  ...[502, 503, 504].map((status) => ({
    name: `${status}: the upstream, says the proxy`,
    proxy: { decide: () => answered(status, 'Proxy-Status: egress; error=dns_error; details="jane"') },
    cause: 'unreachable' as const,
    code: `CONNECT_${status}`,
    detail: new RegExp(` says that it cannot reach the upstream \\(${status}, dns_error\\); check \`upstream\``),
  })),
  {
    name: '405',
    proxy: { decide: () => answered(405) },
    cause: 'refused',
    code: 'CONNECT_405',
    detail: / opened no tunnel \(405\); check that `via` names a proxy that allows CONNECT/,
  },
  {
    name: 'a redirection',
    proxy: { decide: () => answered(302, 'Location: http://login.example/') },
    cause: 'refused',
    code: 'CONNECT_302',
    detail: / opened no tunnel \(302\)/,
  },
  ...(['reset', 'close'] as const).map((end) => ({
    name: `${end} before the reply`,
    proxy: { decide: () => end },
    cause: 'unreachable' as const,
    code: 'ECONNRESET',
    detail: / ended the connection before it answered CONNECT/,
  })),
  {
    name: 'a reset in the midst of the reply',
    proxy: { decide: () => ({ answer: 'HTTP/1.1 200 OK\r\n', end: 'reset' }) },
    cause: 'unreachable',
    code: 'ECONNRESET',
    detail: / ended the connection before it answered CONNECT/,
  },
  {
    name: 'a close in the midst of the reply',
    proxy: { decide: () => ({ answer: 'HTTP/1.1 200 OK\r\n', end: 'close' }) },
    cause: 'unreachable',
    code: 'ECONNRESET',
    detail: / ended the connection before it answered CONNECT/,
  },
  {
    name: 'a close on accept',
    proxy: { greet: 'close' },
    cause: 'unreachable',
    code: 'ECONNRESET',
    detail: / ended the connection before it answered CONNECT/,
  },
  {
    name: 'another protocol',
    proxy: { greet: 'SSH-2.0-OpenSSH_9.2\r\n', decide: () => 'silent' },
    cause: 'unreachable',
    code: 'CONNECT_NOT_HTTP',
    detail: / answered CONNECT with something that is not HTTP/,
  },
  {
    name: 'TLS',
    proxy: { decide: () => ({ answer: Buffer.from([21, 3, 1, 0, 2, 2, 70]) }) },
    cause: 'unreachable',
    code: 'CONNECT_TLS',
    detail: / speaks TLS on that port; name its port for plain HTTP in `via`/,
  },
  {
    name: 'malformed HTTP',
    proxy: { decide: () => ({ answer: 'HTTP/1.1 OK\r\n\r\n' }) },
    cause: 'unreachable',
    code: 'CONNECT_MALFORMED',
    detail: / answered CONNECT with malformed HTTP/,
  },
  {
    name: 'an endless head',
    proxy: { decide: () => ({ answer: `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(5_000)}` }) },
    cause: 'unreachable',
    code: 'CONNECT_TOO_LONG',
    detail: / answered CONNECT with more than 16 KiB of fields/,
  },
  {
    name: 'bytes of its own behind the head',
    proxy: { decide: () => ({ answer: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops' }) },
    cause: 'unreachable',
    code: 'CONNECT_TRAILING',
    detail: / sent bytes of its own into the tunnel/,
  },
];

async function start(
  t: Scope,
  options: ConnectProxyOptions,
  anonymous = false,
): Promise<[ConnectProxy, object | string]> {
  const egress = await startConnectProxy(t, options);
  const { url } = egress;
  return [egress, anonymous ? url : { url, username: 'jane', password: { env: 'EGRESS_PASSWORD' } }];
}

for (const { name, proxy: options, anonymous, ...expected } of rows) {
  t.test(`D26 ${name}`, async (t) => {
    const [egress, via] = await start(t, options, anonymous);
    await fails(t, via, egress.name, expected);
    t.equal(egress.accepted, 1, 'no rung is used');
  });
}

t.test('D26 a proxy that is silent, with time-outs told apart', async (t) => {
  const [egress, via] = await start(t, { decide: () => 'silent' });
  const expected = {
    cause: 'timeout',
    code: 'ETIMEDOUT',
    detail: / opened no tunnel within `timeouts.connect`/,
  } as const;
  await fails(t, via, egress.name, expected, { timeouts: { connect: '1s' } });
  t.equal(egress.accepted, 1, 'no rung is used');
});

t.test('D26 a proxy that refuses the connection', async (t) => {
  const detail = / refused the connection; check host and port of `via`/;
  await fails(t, 'http://jane:hunter2@127.0.0.1:1', '127.0.0.1:1', { cause: 'refused', code: 'ECONNREFUSED', detail });
});

t.test('D26 a proxy whose name does not resolve', async (t) => {
  // A label of more than 63 octets the resolver refuses without asking anybody.
  const name = `${'a'.repeat(64)}.test:3128`;
  const detail = /the name of the CONNECT proxy .* does not resolve on this machine; check `via` and the resolver/;
  await fails(t, `http://jane:hunter2@${name}`, name, { cause: 'dns', code: 'ENOTFOUND', detail });
});
