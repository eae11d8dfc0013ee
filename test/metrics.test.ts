import t from 'tap';
import { createMetrics, type Metrics, noMetrics, relay } from '../src/metrics.ts';

const nothing = { version: '1.2.3', ready: true, routes: [], connections: [], certificates: [] };

t.test('what is counted is shown under the names of the contract', async (t) => {
  const metrics = await createMetrics();
  metrics.request('iot', 200, undefined, 0.02);
  metrics.begin('iot');
  metrics.request('iot', 502, 'tls-version', 1);
  metrics.request(undefined, 404, 'no-route', 0.001);
  metrics.handshake('iot', undefined, 'reset', 0.01);
  metrics.handshake('iot', 'TLSv1.2', 'ok', 0.01);
  metrics.fallback('iot', 'TLSv1.3+TLSv1.2', 'TLSv1.2');
  metrics.downgrade('iot');
  metrics.replay('iot');
  metrics.reload('ok');
  const text = await metrics.show({
    ...nothing,
    connections: [{ route: 'iot', state: 'idle', count: 3 }],
    certificates: [{ route: 'iot', kind: 'client', notBefore: 1_700_000_000, notAfter: 1_800_000_000 }],
  });
  for (const line of [
    'mtls_proxy_requests_total{route="iot",code="200",cause=""} 1',
    'mtls_proxy_requests_total{route="iot",code="502",cause="tls-version"} 1',
    'mtls_proxy_requests_total{route="",code="404",cause="no-route"} 1',
    'mtls_proxy_request_duration_seconds_bucket{le="0.025",route="iot"} 1',
    'mtls_proxy_request_duration_seconds_count{route="iot"} 2',
    'mtls_proxy_handshakes_total{route="iot",protocol="none",outcome="reset"} 1',
    'mtls_proxy_handshakes_total{route="iot",protocol="TLSv1.2",outcome="ok"} 1',
    'mtls_proxy_handshake_duration_seconds_count{route="iot"} 1',
    'mtls_proxy_reloads_total{outcome="ok"} 1',
    'mtls_proxy_reloads_total{outcome="failed"} 0',
    'mtls_proxy_fallbacks_total{route="iot",from="TLSv1.3+TLSv1.2",to="TLSv1.2"} 1',
    'mtls_proxy_downgrades_total{route="iot"} 1',
    'mtls_proxy_replays_total{route="iot"} 1',
    'mtls_proxy_upstream_connections{route="iot",state="idle"} 3',
    'mtls_proxy_certificate_not_after_seconds{route="iot",kind="client"} 1800000000',
    'mtls_proxy_certificate_not_before_seconds{route="iot",kind="client"} 1700000000',
    'mtls_proxy_ready 1',
    'mtls_proxy_build_info{version="1.2.3"} 1',
  ]) {
    t.ok(text.split('\n').includes(line), line);
  }
  t.match(text, /^process_cpu_seconds_total /m, "the process's own");
  t.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
});

t.test('a gauge shows the moment: what is gone is not shown, and the certificate that ends first counts', async (t) => {
  const metrics = await createMetrics();
  await metrics.show({ ...nothing, connections: [{ route: 'gone', state: 'idle', count: 3 }] });
  t.notMatch(await metrics.show(nothing), /route="gone"/);
  const chain = (notAfter: number) => ({ route: 'iot', kind: 'chain', notBefore: 0, notAfter });
  for (const certificates of [
    [chain(1), chain(2)],
    [chain(2), chain(1)],
  ]) {
    t.match(await metrics.show({ ...nothing, certificates }), /kind="chain"} 1\n/);
  }
});

t.test('two registries know nothing of each other', async (t) => {
  const [one, other] = [await createMetrics(), await createMetrics()];
  one.downgrade('iot');
  t.notMatch(await other.show(nothing), /downgrades_total\{/);
});

t.test('where nobody asks, nothing is kept', async (t) => {
  t.equal(noMetrics.begin('iot'), undefined);
  t.equal(noMetrics.request('iot', 200, undefined, 1), undefined);
  t.equal(noMetrics.handshake('iot', 'TLSv1.3', 'ok', 1), undefined);
  t.equal(noMetrics.record('iot', { at: 0, ms: 0, purpose: 'request', attempts: [] }), undefined);
  t.equal(noMetrics.fallback('iot', 'a', 'b'), undefined);
  t.equal(noMetrics.downgrade('iot'), undefined);
  t.equal(noMetrics.replay('iot'), undefined);
  t.equal(noMetrics.reload('ok'), undefined);
});

t.test('C6 reloads by outcome, from 0, and whether the last one was taken', async (t) => {
  const metrics = await createMetrics();
  t.match(await metrics.show(nothing), 'mtls_proxy_reloads_total{outcome="failed"} 0\n');
  t.match(await metrics.show(nothing), 'mtls_proxy_last_reload_successful 1\n');
  metrics.reload('failed', ['wrong']);
  t.match(await metrics.show(nothing), 'mtls_proxy_reloads_total{outcome="failed"} 1\n');
  t.match(await metrics.show(nothing), 'mtls_proxy_last_reload_successful 0\n');
  metrics.reload('unchanged');
  t.match(await metrics.show(nothing), 'mtls_proxy_last_reload_successful 1\n');
});

t.test('names of the process’s metrics end as their kind asks', async (t) => {
  const text = await (await createMetrics()).show(nothing);
  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    t.equal(name?.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
  }
});

t.test('relayed, it is counted with whatever is there at the moment', async (t) => {
  const counted: unknown[] = [];
  const note =
    (name: string) =>
    (...given: unknown[]): void =>
      void counted.push([name, ...given]);
  let target = noMetrics;
  const metrics = relay(() => target);
  metrics.replay('before');
  target = Object.fromEntries(Object.keys(noMetrics).map((name) => [name, note(name)])) as unknown as Metrics;
  const handshake = { at: 0, ms: 1, purpose: 'request', attempts: [] } as const;
  metrics.begin('iot');
  metrics.request('iot', 502, 'refused', 1, 'start it');
  metrics.handshake('iot', 'TLSv1.3', 'ok', 2);
  metrics.record('iot', handshake);
  metrics.fallback('iot', 'a', 'b');
  metrics.downgrade('iot');
  metrics.replay('iot');
  metrics.reload('failed', ['wrong']);
  t.same(counted, [
    ['begin', 'iot'],
    ['request', 'iot', 502, 'refused', 1, 'start it'],
    ['handshake', 'iot', 'TLSv1.3', 'ok', 2],
    ['record', 'iot', handshake],
    ['fallback', 'iot', 'a', 'b'],
    ['downgrade', 'iot'],
    ['replay', 'iot'],
    ['reload', 'failed', ['wrong']],
  ]);
  t.equal(counted.length, Object.keys(noMetrics).length);
});
