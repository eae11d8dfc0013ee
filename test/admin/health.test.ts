import t from 'tap';
import { judgeHealth } from '../../src/admin/health.ts';
import type { LiveRoute } from '../../src/proxy/task.ts';
import { RouteStats } from '../../src/stats/route-stats.ts';
import type { LadderState } from '../../src/tls/ladder-view.ts';

const now = Date.parse('2030-01-01T00:00:00Z');
const fresh: LadderState = {
  offers: ['TLSv1.3+TLSv1.2', 'TLSv1.2'],
  remembered: undefined,
  lowered: undefined,
  retryIn: undefined,
};
const first = { offer: 'TLSv1.3+TLSv1.2', outcome: 'reset', code: 'ECONNRESET', ms: 3 } as const;

const route = (upstream: object = {}, tls: object = { cert: '/etc/client.crt' }): LiveRoute =>
  ({
    settings: { name: 'iot', tls },
    upstream: { name: 'device.example:443', ladder: fresh, certificates: [], ...upstream },
  }) as unknown as LiveRoute;

const used = (...requests: Parameters<RouteStats['request']>[]): RouteStats => {
  const stats = new RouteStats();
  for (const request of requests) stats.request(...request);
  return stats;
};
const good = used([200, undefined, 0.01, undefined]);
const certificate = (kind: string, notAfter: string) => {
  return { kind, subject: `CN=${kind}`, notBefore: '2029-01-01T00:00:00.000Z', notAfter };
};

t.test('never used: how to try it', async (t) => {
  t.match(judgeHealth(route(), new RouteStats(), now), {
    state: 'unused',
    findings: [{ state: 'unused', text: /Nothing has come/, next: /`mtls-proxy probe iot`/, help: /probe\.md$/ }],
  });
});

t.test('well', async (t) => {
  t.same(judgeHealth(route(), good, now), { state: 'ok', findings: [] });
});

t.test('failing: the failure’s own sentence, and where its cause is explained', async (t) => {
  const detail = 'device.example:443: nothing listens there; start it, or change `upstream`';
  const { state, findings } = judgeHealth(route(), used([502, 'refused', 0.01, detail]), now);
  t.equal(state, 'failing');
  t.same(findings, [
    {
      state: 'failing',
      text: 'The last request failed (refused, 502): the upstream refused the connection.',
      next: 'Nothing listens there; start it, or change `upstream`.',
      help: 'https://github.com/local-mtls-proxy/local-mtls-proxy/blob/main/docs/problems.md#refused',
    },
  ]);
  const whole = 'device.example:443 accepted none of what this route may offer';
  t.equal(judgeHealth(route(), used([502, 'tls-version', 0.01, whole]), now).findings[0]?.next, `${whole}.`);
  t.match(
    judgeHealth(route(), used([500, 'internal', 0.01, undefined]), now).findings[0]?.next,
    /^Look at its line in the log/,
  );
});

t.test('fallen back: from what, why, and what to pin', async (t) => {
  const lowered = { index: 1, at: now, first, sentinel: undefined };
  const { state, findings } = judgeHealth(route({ ladder: { ...fresh, lowered } }), good, now);
  t.equal(state, 'degraded');
  t.match(findings, [
    {
      text: 'Fallen back from TLSv1.3+TLSv1.2 to TLSv1.2, because the first offer failed (reset, ECONNRESET).',
      next: /`versions: \[TLSv1\.2\]`/,
    },
  ]);
  const ladder = { ...fresh, offers: ['TLSv1.3+TLSv1.2', 'TLSv1.3+TLSv1.2/classical'], lowered };
  t.match(judgeHealth(route({ ladder }), good, now).findings, [{ next: /`groups: "X25519:P-256:P-384"`/ }]);
  const hidden = { ...fresh, lowered: { ...lowered, sentinel: 'TLSv1.3' } };
  t.match(judgeHealth(route({ ladder: hidden }), good, now).findings, [
    { text: /though the upstream says that it speaks TLSv1\.3/, next: /`downgrade: refuse`/ },
  ]);
});

t.test('certificates: whose, when, and where the new one belongs', async (t) => {
  const of = (kind: string, end: string, tls?: object) =>
    judgeHealth(route({ certificates: [certificate(kind, end)] }, tls), good, now);
  t.match(of('client', '2030-01-13T12:00:00.000Z'), {
    state: 'certificate',
    findings: [
      {
        text: 'Our client certificate (CN=client) ends on 2030-01-13, in 12 days.',
        next: 'Renew it, and put the new one into `/etc/client.crt`.',
      },
    ],
  });
  t.match(of('chain', '2030-01-02T12:00:00.000Z', { pfx: '/etc/client.p12' }), {
    findings: [{ text: /A certificate above ours .*, in 1 day\.$/, next: /`\/etc\/client\.p12`/ }],
  });
  t.match(of('server', '2030-01-01T12:00:00.000Z', { keystore: { file: '/etc/k.jks' } }), {
    state: 'certificate',
    findings: [{ text: /in less than a day\.$/, next: /operator of device\.example:443 .* no handshake succeeds/ }],
  });
  t.match(of('server', '2029-12-01T12:00:00.000Z'), {
    state: 'certificate',
    findings: [{ text: /expired on 2029-12-01/ }],
  });
  t.match(of('client', '2029-12-31T23:59:59.000Z', { keystore: { file: '/etc/k.jks' } }), {
    state: 'failing',
    findings: [{ state: 'failing', text: /expired on 2029-12-31\.$/, next: /`\/etc\/k\.jks`/ }],
  });
  t.same(of('client', '2031-01-01T00:00:00.000Z'), { state: 'ok', findings: [] });
});

t.test('several: the worst is the state, and all are told in that order', async (t) => {
  const upstream = {
    ladder: { ...fresh, lowered: { index: 1, at: now, first, sentinel: undefined } },
    certificates: [certificate('client', '2030-01-13T12:00:00.000Z')],
  };
  const { state, findings } = judgeHealth(route(upstream), used([504, 'timeout', 1, 'x took too long']), now);
  t.equal(state, 'failing');
  t.same(
    findings.map((each) => each.state),
    ['failing', 'degraded', 'certificate'],
  );
});
