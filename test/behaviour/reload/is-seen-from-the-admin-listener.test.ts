import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { pass, scene } from '../../fixtures/ladder.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, refusal, replaceFiles, swap } from '../../fixtures/reload.ts';
import { look, routeOf } from '../../fixtures/status.ts';

const day = 24 * 60 * 60 * 1000;
const admin = '127.0.0.1:0';

/** The values of a metric by its labels, `{…}` as they stand. */
async function values(url: string, name: string): Promise<Map<string, number>> {
  const text = (await send(`${url}/metrics`)).text();
  const found = [...text.matchAll(new RegExp(`^mtls_proxy_${name}(\\{.*\\})? (.*)$`, 'gm'))];
  return new Map(found.map(([, labels = '', value]) => [labels, Number(value)]));
}

t.test('C9 after a rotation the gauges tell the new end, and after its end an old one', async (t) => {
  const { proxy, pki, ask } = await scene(t, { decide: pass, config: { admin } });
  const of = async (kind: string) =>
    (await values(proxy.admin, 'certificate_not_after_seconds')).get(`{route="iot",kind="${kind}"}`);
  const end = (pem: string) => Date.parse(new X509Certificate(pem).validTo) / 1000;
  t.equal(await of('client'), end(pki.client.cert));
  await ask();
  t.equal(await of('server'), end(pki.server.cert));

  const renewed = await pki.ca.issue({ name: 'client', usage: 'client', notAfter: new Date(Date.now() + 200 * day) });
  await swap(proxy, () => replaceFiles(proxy.directory, { 'client.crt': renewed.chain, 'client.key': renewed.key }));
  t.equal(await of('client'), end(renewed.cert));

  const span = { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - 2 * day) };
  const old = await pki.ca.issue({ name: 'client', usage: 'client', ...span });
  await swap(proxy, () => replaceFiles(proxy.directory, { 'client.crt': old.chain, 'client.key': old.key }));
  t.equal(await of('client'), end(old.cert), 'it stays after its end');
  t.same([...(await values(proxy.admin, 'ready')).values()], [0]);
  t.match(routeOf(await look(proxy.admin)), {
    health: {
      state: 'failing',
      findings: [{ text: /^Our client certificate \(CN=client\) expired on/, next: /client\.crt/ }],
    },
    certificates: [{ kind: 'client', daysLeft: -3 }],
  });
});

t.test('counters and what was seen of a route go on through reloads', async (t) => {
  const { proxy, front, ask } = await scene(t, { decide: pass, config: { admin } });
  const configuration = (tls: object, more: object = {}) => ({ ...oneRoute(front.namedUrl, tls), admin, ...more });
  await ask();
  await ask({ path: '/nowhere' });
  const before = await look(proxy.admin);
  t.match(before, { generation: 1, reload: null, unroutedRequests: 1 });

  await swap(proxy, () => reconfigure(proxy, configuration({ versions: ['TLSv1.2'] })));
  const after = await look(proxy.admin);
  t.match(after, { generation: 2, reload: { outcome: 'ok', problems: [] }, unroutedRequests: 1 });
  t.equal(routeOf(after).requests.total, 1);
  t.equal(routeOf(after).handshakes.length, 1);
  t.same(routeOf(after).ladder.offers, ['TLSv1.2']);
  await ask();
  const counted = await values(proxy.admin, 'requests_total');
  t.equal(counted.get('{route="iot",code="200",cause=""}'), 2);
  t.equal((await values(proxy.admin, 'reloads_total')).get('{outcome="ok"}'), 1);
});

t.test('C6 a configuration that is not taken is told with what is wrong', async (t) => {
  const { proxy } = await scene(t, { decide: pass, config: { admin } });
  await refusal(proxy, () => reconfigure(proxy, 'listen: 127.0.0.1:0\nrouts: <script>\n'));
  const { reload, generation } = await look(proxy.admin);
  t.equal(generation, 1);
  t.match(reload, { outcome: 'failed', problems: [/"routes" is missing/, /proxy\.yaml:2:1: .*routs/] });
  const page = (await send(`${proxy.admin}/`)).text();
  t.match(page, 'The new configuration was not taken');
  t.notMatch(page, /<script>/);
  t.same([...(await values(proxy.admin, 'last_reload_successful')).values()], [0]);
});

t.test('a route that failed is no longer red once its settings have changed', async (t) => {
  const { proxy, pki, ask } = await scene(t, { decide: pass, config: { admin } });
  const { client } = pki.other;
  await swap(proxy, () => replaceFiles(proxy.directory, { 'client.crt': client.chain, 'client.key': client.key }));
  t.equal((await ask()).reply.status, 502);
  t.equal(routeOf(await look(proxy.admin)).health.state, 'failing');
  await swap(proxy, () =>
    replaceFiles(proxy.directory, { 'client.crt': pki.client.chain, 'client.key': pki.client.key }),
  );
  const mended = routeOf(await look(proxy.admin));
  t.equal(mended.health.state, 'unused');
  t.match(mended.failure, { cause: 'client-certificate' });
  t.equal((await ask()).reply.status, 200);
  t.equal(routeOf(await look(proxy.admin)).health.state, 'ok');
});
