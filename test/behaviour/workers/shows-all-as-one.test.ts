import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

const at = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000);

/** The value of a metric; NaN if it is not there. */
function seriesOf(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

const served = 'mtls_proxy_requests_total{route="iot",code="200",cause=""}';

t.test('metrics and status are those of all processes', async (t) => {
  const { proxy, url } = await startPair(t, { config: { workers: 2, admin: '127.0.0.1:0' } });
  const pids = await untilServedBy(proxy, `${url}/x`, 2);
  const requests = proxy.log.all('request').length;
  const { status, text } = await look(`${proxy.admin}/metrics`);
  t.equal(status, 200);
  t.equal(seriesOf(text, served), requests);
  t.equal(seriesOf(text, 'mtls_proxy_request_duration_seconds_count{route="iot"}'), requests);
  t.equal(seriesOf(text, 'mtls_proxy_ready'), 1);
  t.equal(seriesOf(text, 'mtls_proxy_reloads_total{outcome="failed"}'), 0);
  t.equal(text.split('\n').filter((line) => line.startsWith('# TYPE mtls_proxy_reloads_total ')).length, 1);
  const shown = JSON.parse((await look(`${proxy.admin}/status`)).text);
  t.match(shown, {
    generation: 1,
    ready: true,
    draining: false,
    routes: [{ name: 'iot', requests: { total: requests } }],
  });
  t.same(
    shown.listeners.map(({ admin }: { admin: boolean }) => admin),
    [false, true],
  );
  t.match((await look(`${proxy.admin}/`)).text, /<html/);
  t.equal((await look(`${proxy.admin}/readyz`)).status, 200);

  await t.test('what a process counted that is gone still counts', async (t) => {
    process.kill(pids[0] as number, 'SIGKILL');
    await untilServedBy(proxy, `${url}/x`, 2);
    const { text } = await look(`${proxy.admin}/metrics`);
    t.equal(seriesOf(text, served), proxy.log.all('request').length);
  });
});

t.test('E10 draining is told', async (t) => {
  let finish: () => void = () => t.fail('nothing to finish');
  const { proxy, url } = await startPair(t, {
    config: { workers: 2, admin: '127.0.0.1:0' },
    handler: (_request, response) => {
      response.write('begin');
      finish = () => response.end();
    },
  });
  const running = send(`${url}/slow`);
  while (
    seriesOf(
      (await look(`${proxy.admin}/metrics`)).text,
      'mtls_proxy_upstream_connections{route="iot",state="busy"}',
    ) !== 1
  );
  proxy.signal('SIGTERM');
  await proxy.log.next('draining');
  const { status, text } = await look(`${proxy.admin}/readyz`);
  t.same({ status, text }, { status: 503, text: 'draining\n' });
  finish();
  await running;
  t.equal((await proxy.exited).code, 0);
});

t.test('E10, B6 a client certificate that has expired makes all unready, until there is another one', async (t) => {
  const expired = await pki.ca.issue({ name: 'old', usage: 'client', notBefore: at(-9), notAfter: at(-2) });
  const files = { 'client.crt': expired.chain, 'client.key': expired.key };
  const { proxy } = await startPair(t, { config: { workers: 2, admin: '127.0.0.1:0' }, files });
  const unready = await look(`${proxy.admin}/readyz`);
  t.equal(unready.status, 503);
  t.match(unready.text, /^route iot: the client certificate expired on .*\n$/, 'said once');
  t.equal((await look(`${proxy.admin}/healthz`)).status, 200);
  const { client } = pki;
  await swap(proxy, () => replaceFiles(proxy.directory, { 'client.crt': client.chain, 'client.key': client.key }));
  t.equal((await look(`${proxy.admin}/readyz`)).status, 200);
});

async function look(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const reply = await send(url);
  return { status: reply.status, text: reply.text() };
}
