import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { send } from '../../fixtures/client.ts';
import { ask } from '../../fixtures/ladder.ts';
import { makeAuthority } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const day = 24 * 60 * 60 * 1000;
const hence = (days: number) => new Date(Date.now() + days * day + 60_000);
const root = await makeAuthority({ name: 'Root' });
const middle = await makeAuthority({ name: 'Middle', parent: root, notAfter: hence(20) });
const usage = 'client';
const expired = await root.issue({ name: 'expired', usage, notBefore: new Date('2020-01-01'), notAfter: hence(-3) });
const early = await root.issue({ name: 'early', usage, notBefore: hence(1) });
const ending = await middle.issue({ name: 'ending', usage, notAfter: hence(10) });
const server = await root.issue({ name: 'localhost', notAfter: hence(5) });

for (const [name, identity, warning, lines] of [
  ['expired', expired, /CN=expired .*: it expired on .*; renew it/, [['client', 'CN=expired', -3]]],
  ['not valid yet', early, /CN=early .*: it is not valid before .*; is the clock/, []],
  [
    'about to expire, as its issuer is',
    ending,
    /CN=ending .*: it expires on .*, in 10 days; renew it/,
    [
      ['client', 'CN=ending', 10],
      ['chain', 'CN=Middle', 20],
    ],
  ],
] as const) {
  t.test(`B6 a client certificate that is ${name} lets the proxy start, and warns`, async (t) => {
    // Whoever asks for no certificate does not mind.
    const up = await startUpstream(t, { cert: server.chain, key: server.key });
    const files = { 'ca.pem': root.cert, 'client.crt': identity.chain, 'client.key': identity.key };
    const checked = await check(t, oneRoute(up.url), files);
    t.equal(checked.code, 0);
    t.match(checked.found[0], { severity: 'warning', at: 'client.crt', message: warning });
    t.equal(checked.found.length, Math.max(1, lines.length));

    const proxy = await runProxy(t, { config: { ...oneRoute(up.url), admin: '127.0.0.1:0' }, files });
    const told = () => proxy.log.all('certificate').map(({ kind, subject, daysLeft }) => [kind, subject, daysLeft]);
    t.same(told(), lines, 'told before it listens');
    t.equal((await ask(proxy)).reply.status, 200);
    t.same(told(), [...lines, ['server', 'CN=localhost', 5]], 'and the server’s, once it is seen');
    t.match(proxy.log.all('certificate').at(-1), { level: 40, route: 'iot', notAfter: /^\d{4}-\d\d-\d\dT.*Z$/ });
    t.equal((await ask(proxy)).reply.status, 200);
    t.equal(told().length, lines.length + 1, 'once a day');

    const isExpired = name === 'expired';
    const ready = await send(`${proxy.admin}/readyz`);
    t.equal(ready.status, isExpired ? 503 : 200);
    t.match(ready.text(), isExpired ? /^route iot: the client certificate expired on \d{4}-/ : 'ready');
    const gauge = /certificate_not_after_seconds\{route="iot",kind="client"\} (\d+)/;
    const [, end] = gauge.exec((await send(`${proxy.admin}/metrics`)).text()) ?? [];
    t.equal(Number(end), Date.parse(new X509Certificate(identity.cert).validTo) / 1000, 'it stays after the end');
    t.match((await proxy.stop()).stderr, warning);
  });
}
