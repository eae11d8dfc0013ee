import { X509Certificate } from 'node:crypto';
import t, { type Test } from 'tap';
import { send } from '../../fixtures/client.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import type { Identity } from '../../fixtures/pki.ts';
import type { Proxy as RunningProxy } from '../../fixtures/proxy.ts';
import { refusal, reloading, replaceFiles, swap } from '../../fixtures/reload.ts';

const usage = 'client';
const renewed = await pki.ca.issue({ name: 'renewed', usage, notAfter: new Date(Date.now() + 5 * 86_400_000) });
const expired = await pki.ca.issue({
  name: 'expired',
  usage,
  notBefore: new Date('2020-01-01'),
  notAfter: new Date('2020-02-01'),
});

async function metric(proxy: RunningProxy, series: string): Promise<number> {
  const text = (await send(`${proxy.admin}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`mtls_proxy_${series} `))
      ?.split(' ')[1],
  );
}

async function shows(t: Test, proxy: RunningProxy, { cert, name }: Identity, ready: number): Promise<void> {
  const end = await metric(proxy, 'certificate_not_after_seconds{route="iot",kind="client"}');
  t.equal(end, Date.parse(new X509Certificate(cert).validTo) / 1000, name);
  t.equal((await send(`${proxy.admin}/readyz`)).status, ready);
}

const files = ({ chain, key }: Identity) => ({ 'client.crt': chain, 'client.key': key });

t.test('C9, B6 the gauge after a rotation and after the end, and readiness with it', async (t) => {
  const { proxy } = await startPair(t, { config: { admin: '127.0.0.1:0' } });
  await shows(t, proxy, pki.client, 200);
  await swap(proxy, () => replaceFiles(proxy.directory, files(renewed)));
  await shows(t, proxy, renewed, 200);
  t.match(proxy.log.all('certificate'), [{ route: 'iot', kind: 'client', subject: 'CN=renewed', daysLeft: 4 }]);
  const line = await swap(proxy, () => replaceFiles(proxy.directory, files(expired)));
  t.match(line['problems'], [/warning: .*CN=expired .*: it expired on .*; renew it/], 'taken over, as a start would');
  await shows(t, proxy, expired, 503);
  await swap(proxy, () => replaceFiles(proxy.directory, files(pki.client)));
  await shows(t, proxy, pki.client, 200);
});

t.test('reloads are counted by their outcome', async (t) => {
  const { proxy } = await startPair(t, { config: { admin: '127.0.0.1:0' } });
  const counts = () =>
    Promise.all(['ok', 'failed', 'unchanged'].map((one) => metric(proxy, `reloads_total{outcome="${one}"}`)));
  t.same(await counts(), [0, 0, 0]);
  await reloading(proxy, () => proxy.signal('SIGHUP'));
  t.same(await counts(), [0, 0, 1]);
  await refusal(proxy, () => replaceFiles(proxy.directory, { 'ca.pem': 'nothing' }));
  t.same(await counts(), [0, 1, 1]);
  await swap(proxy, () => replaceFiles(proxy.directory, { 'ca.pem': pki.ca.cert + pki.other.ca.cert }));
  t.same(await counts(), [1, 1, 1]);
});
