import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { ask, intolerant, offers, pass, scene, until12 } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { look, routeOf } from '../../fixtures/status.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const config = { admin: '127.0.0.1:0' };
const top = 'TLSv1.3+TLSv1.2';

t.test('a route that nothing has come to, one that is well, and one that has fallen back', async (t) => {
  // Without a pool each request makes a handshake.
  const route = { pool: { keepAlive: false } };
  const { proxy, front, ask } = await scene(t, { decide: pass, server: until12, config, route });
  const before = routeOf(await look(proxy.admin));
  t.match(before.health, { state: 'unused', findings: [{ next: /`mtls-proxy probe iot`/ }] });
  t.same(before.ladder, { offers: offers(top, 'TLSv1.2'), remembered: null, lowered: null });

  await ask();
  const well = routeOf(await look(proxy.admin));
  t.same(well.health, { state: 'ok', findings: [] });
  t.same(well.ladder.remembered, { offer: top, provisional: false, until: null });
  t.match(well.handshakes, [
    { result: 'ok', purpose: 'request', protocol: 'TLSv1.2', offer: top, attempts: [{ outcome: 'ok' }] },
  ]);
  t.match(well.requests, { total: 1 });
  t.equal(well.requests.slots.requests.at(-1) || well.requests.slots.requests.at(-2), 1);
  t.same(
    well.certificates.map(({ kind }) => kind),
    ['client', 'server'],
  );

  front.decide = intolerant;
  await ask();
  const lowered = routeOf(await look(proxy.admin));
  t.equal(lowered.health.state, 'degraded');
  t.match(lowered.health.findings, [{ text: /^Fallen back from TLSv1\.3\+TLSv1\.2 to TLSv1\.2/, help: /ladder\.md/ }]);
  t.match(lowered.ladder, {
    remembered: { offer: 'TLSv1.2', provisional: true },
    lowered: { to: 'TLSv1.2', failed: { offer: top, outcome: 'reset', code: 'ECONNRESET' } },
  });
  const { remembered, lowered: why } = lowered.ladder;
  t.ok(Date.parse(remembered?.until ?? '') > Date.parse(why?.since ?? ''));
  t.ok(Date.parse(why?.retry ?? '') >= Date.parse(why?.since ?? ''));
  t.equal(lowered.handshakes[0]?.attempts.at(-1)?.outcome, 'ok');

  front.decide = pass;
  await proxy.log.next('recovered');
  t.match(routeOf(await look(proxy.admin)), { health: { state: 'ok' }, ladder: { lowered: null } });
});

t.test('a route that fails says what to change, until it works again', async (t) => {
  const { proxy, front, ask } = await scene(t, { decide: () => 'reset', server: until12, config });
  const { reply } = await ask({ path: '/iot/secret-path?key=secret' });
  const { detail } = reply.json<{ detail: string }>();
  const { health, failure, handshakes } = routeOf(await look(proxy.admin));
  t.match(health, { state: 'failing', findings: [{ text: /tls-version, 502/, help: /problems\.md#tls-version$/ }] });
  t.equal(health.findings[0]?.next, `${detail}.`);
  t.match(failure, { cause: 'tls-version', status: 502, detail });
  t.match(handshakes, [{ result: 'failed', cause: 'tls-version', protocol: null }]);
  front.decide = pass;
  await ask();
  const well = routeOf(await look(proxy.admin));
  t.equal(well.health.state, 'ok');
  t.match(well.failure, { cause: 'tls-version' }, 'the last failure stays to be seen');
});

t.test('a certificate that TLS 1.3 refuses after the handshake is told as that', async (t) => {
  const pki = await makePki();
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const files = { ...pkiFiles(pki), 'client.crt': pki.other.client.chain, 'client.key': pki.other.client.key };
  const proxy = await runProxy(t, { config: { ...oneRoute(up.url), ...config }, files });
  t.equal((await ask(proxy)).reply.status, 502);
  const { health, handshakes } = routeOf(await look(proxy.admin));
  t.match(health, {
    state: 'failing',
    findings: [{ next: /^It ended the connection right after our certificate; use / }],
  });
  t.match(handshakes, [
    { result: 'failed', cause: 'client-certificate', protocol: 'TLSv1.3', attempts: [{ outcome: 'ok' }] },
  ]);
});

t.test('neither queries, paths and fields of clients nor what opens keys is in it', async (t) => {
  const token = 'token-of-the-guard';
  const { proxy } = await scene(t, {
    decide: pass,
    config: { ...config, guard: { token } },
    route: { headers: { request: { set: { 'X-Key': 'key-of-the-api' } } } },
  });
  const headers = {
    'Proxy-Authorization': `Bearer ${token}`,
    Authorization: 'Basic secret-of-mine',
    Cookie: 'sid=secret-of-mine',
  };
  await send(`${proxy.url}/iot/path-of-mine?q=query-of-mine`, { headers });
  await send(`${proxy.url}/unknown-of-mine`, { headers });
  await proxy.log.next(({ path }) => path === '/unknown-of-mine');
  for (const path of ['/status', '/', '/metrics']) {
    const reply = await send(`${proxy.admin}${path}`, { headers });
    t.equal(reply.status, 200);
    t.notMatch(reply.text(), /of-mine|of-the-guard|of-the-api|BEGIN/, path);
    t.match(reply.text(), 'iot');
  }
  t.equal((await send(`${proxy.admin}/status`)).status, 407, 'who has no token sees nothing');
});
