import t from 'tap';
import { startConnectProxy } from '../../fixtures/connect-proxy.ts';
import { climbed, isProblem, offers, scene, seen, tell, until12, without13 } from '../../fixtures/ladder.ts';
import { makePki } from '../../fixtures/pki.ts';

const pki = await makePki();
const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');

for (const [end, outcome] of [
  ['reset', 'reset'],
  ['close', 'close'],
  [{ alert: 70 }, 'alert 70'],
] as const) {
  t.test(`A1 D26 inside a tunnel, ${outcome} on TLS 1.3 leads to TLS 1.2`, async (t) => {
    const egress = await startConnectProxy(t);
    const { front, proxy, ask } = await scene(t, {
      pki,
      decide: without13(end),
      server: until12,
      tls: { remember: 0 },
      route: { via: egress.url },
    });
    const { reply } = await ask();
    t.equal(reply.status, 200);
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2' });
    t.same(seen(front), ladder);
    t.same(tell(proxy.log.all('handshake')[0]?.attempts), climbed(ladder, outcome));
    t.match(proxy.log.all('fallback'), [{ from: 'TLSv1.3+TLSv1.2', to: 'TLSv1.2' }]);
    t.equal(egress.requests.length, ladder.length, 'each offer has a tunnel of its own');
  });
}

t.test('A1 D26 when all is reset inside tunnels, it is the upstream that refused', async (t) => {
  const egress = await startConnectProxy(t);
  const { name, ask } = await scene(t, { pki, decide: () => 'reset', route: { via: egress.url } });
  isProblem(t, await ask(), {
    status: 502,
    cause: 'tls-version',
    error: 'tls_protocol_error',
    attempts: ladder.map((offer) => `${offer} reset`),
    detail: /accepted none of what this route may offer/,
    upstream: name,
  });
});

t.test('D26 a server that hides its version is seen through a tunnel', async (t) => {
  const egress = await startConnectProxy(t, { decide: () => ({ tunnel: [...'HTTP/1.1 200 OK\r\n\r\n'] }) });
  const { name, ask } = await scene(t, {
    pki,
    decide: without13('reset'),
    tls: { downgrade: 'refuse' },
    route: { via: egress.url },
  });
  isProblem(t, await ask(), {
    status: 502,
    cause: 'tls-version',
    error: 'tls_protocol_error',
    attempts: climbed(ladder, 'reset').map((text) => text.replace(/ ok$/, ' downgrade')),
    detail: /says that it speaks TLSv1.3/,
    upstream: name,
  });
});

t.test('D26 silence inside a tunnel is the upstream’s', async (t) => {
  const egress = await startConnectProxy(t);
  const timeouts = { handshake: '100ms' };
  const { name, ask } = await scene(t, { pki, decide: () => 'silent', route: { via: egress.url, timeouts } });
  isProblem(t, await ask(), {
    status: 504,
    cause: 'timeout',
    error: 'connection_timeout',
    attempts: [`${ladder[0]} timeout`],
    detail: /^localhost:\d+: it did not answer within `timeouts.handshake`/,
    upstream: name,
  });
});
