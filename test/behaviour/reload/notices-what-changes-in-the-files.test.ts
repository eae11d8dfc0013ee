import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { send } from '../../fixtures/client.ts';
import { mount } from '../../fixtures/mount.ts';
import { pki, startPair, trusting } from '../../fixtures/pair.ts';
import { writeFiles } from '../../fixtures/pki.ts';
import { oneRoute, type Proxy as RunningProxy, runProxy } from '../../fixtures/proxy.ts';
import { reconfigure, refusal, reloading, replaceFiles, swap } from '../../fixtures/reload.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

/** Client certificates of one authority, by the names that the upstream sees. */
const clients = await Promise.all(
  ['one', 'two', 'three', 'four'].map((name) => pki.ca.issue({ name, usage: 'client' })),
);
const pairs = clients.map(({ chain, key }) => ({ 'tls.crt': chain, 'tls.key': key }));
const [one = pki.client] = clients;

/** Whom the upstream takes the proxy for. */
async function client(proxy: RunningProxy): Promise<unknown> {
  return (await send(`${proxy.url}/iot`)).json()['client'];
}

/** Asserts that a change makes the upstream see another name. */
async function becomes(t: Test, proxy: RunningProxy, name: string, change: () => unknown): Promise<void> {
  t.match(await swap(proxy, change), { level: 30, changed: ['route iot'], problems: [] }, name);
  t.equal(await client(proxy), name);
}

t.test('C1 files that are written anew, or put in the place of the old ones', async (t) => {
  const { proxy } = await startPair(t);
  const files = { 'client.crt': one.chain, 'client.key': one.key };
  await becomes(t, proxy, 'one', () => writeFiles(proxy.directory, files));
  const others = { 'client.crt': clients[1]?.chain ?? '', 'client.key': clients[1]?.key ?? '' };
  await becomes(t, proxy, 'two', () => replaceFiles(proxy.directory, others));
});

t.test('C4 three swaps of `..data` in a row, as Kubernetes makes them', async (t) => {
  const up = await startUpstream(t, trusting);
  const folder = t.testdir({});
  const put = await mount(folder, pairs[0] ?? {});
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const proxy = await runProxy(t, { config: oneRoute(up.url, tls), files: { 'ca.pem': pki.ca.cert } });
  t.equal(await client(proxy), 'one');
  await becomes(t, proxy, 'two', () => put(pairs[1] ?? {}));
  await becomes(t, proxy, 'three', () => put(pairs[2] ?? {}));
  await becomes(t, proxy, 'four', () => put(pairs[3] ?? {}));
  t.equal(proxy.log.all('reload').length, 3, 'each is one reload');
});

t.test('C4 the configuration and what it names in one volume, in a folder of it, as in deploy/', async (t) => {
  const { up, proxy } = await startPair(t);
  const version = (n: number, drain: string) => ({
    'proxy.yaml': stringify({ ...oneRoute(up.url, { cert: 'tls/tls.crt', key: 'tls/tls.key' }), drain }),
    'ca.pem': pki.ca.cert,
    'tls/tls.crt': pairs[n]?.['tls.crt'] ?? '',
    'tls/tls.key': pairs[n]?.['tls.key'] ?? '',
  });
  let put = (_files: Record<string, string>): Promise<void> => Promise.reject(new Error('not mounted'));
  await swap(proxy, async () => {
    put = await mount(proxy.directory, version(0, '1s'));
  });
  t.equal(await client(proxy), 'one');
  for (const [n, name] of ['two', 'three', 'four'].entries()) {
    const line = await swap(proxy, () => put(version(n + 1, `${n + 2}s`)));
    t.match(line, { level: 30, changed: ['route iot', 'drain'], problems: [] });
    t.equal(await client(proxy), name);
  }
});

t.test(
  'C2 a certificate two seconds before its key: the old pair stays, told once, then the new one is taken',
  async (t) => {
    const { proxy } = await startPair(t);
    const line = await refusal(proxy, () => replaceFiles(proxy.directory, { 'client.crt': one.chain }));
    t.match(line, { generation: 1, problems: [/client\.key is not the key of any in .*client\.crt/] });
    t.equal((line['problems'] as string[]).length, 1);
    // What the case is about is this time: longer than anything but the slow look waits for.
    await pause(2_000);
    t.equal(await client(proxy), 'client');
    await becomes(t, proxy, 'one', () => replaceFiles(proxy.directory, { 'client.key': one.key }));
    t.equal(proxy.log.all('reload').length, 2);
  },
);

t.test('C3, C5 a file that is broken, or deleted: the old one stays until it is made again', async (t) => {
  const { proxy } = await startPair(t);
  const put = (text: string) => () => replaceFiles(proxy.directory, { 'client.crt': text });
  t.match(await refusal(proxy, put('nothing')), { problems: [/client\.crt holds nothing that is known here/] });
  t.match(await refusal(proxy, () => rm(join(proxy.directory, 'client.crt'))), {
    problems: [/client\.crt: there is no such file/],
  });
  t.equal(await client(proxy), 'client');
  t.match(
    await reloading(proxy, put(pki.client.chain)),
    { level: 30, generation: 1, changed: [] },
    'which is what runs',
  );
});

t.test('C5 a folder that was not there, is deleted and made again, and has another put in its place', async (t) => {
  const { up, proxy } = await startPair(t);
  const tls = { cert: 'later/tls.crt', key: 'later/tls.key' };
  const missing = await refusal(proxy, () => reconfigure(proxy, oneRoute(up.url, tls)));
  t.match(missing, { problems: [/later\/tls\.crt: there is no such file/, /later\/tls\.key: there is/] });
  const folder = join(proxy.directory, 'later');
  const next = join(proxy.directory, 'next');
  const write = (n: number) => () => writeFiles(folder, pairs[n] ?? {});
  await becomes(t, proxy, 'one', write(0));
  await refusal(proxy, () => rm(folder, { recursive: true }));
  await becomes(t, proxy, 'two', write(1));
  await becomes(t, proxy, 'three', async () => {
    await writeFiles(next, pairs[2] ?? {});
    await rename(folder, join(proxy.directory, 'old'));
    await rename(next, folder);
  });
});

t.test('secrets in files, and the configuration itself, are watched too', async (t) => {
  const set = { 'X-Api-Key': { file: 'api.key' } };
  const { up, url, proxy } = await startPair(t, {
    route: { headers: { request: { set } } },
    files: { 'api.key': 'first\n' },
  });
  const key = async () => {
    await send(url);
    return up.requests.at(-1).values('x-api-key');
  };
  t.same(await key(), ['first']);
  await swap(proxy, () => replaceFiles(proxy.directory, { 'api.key': 'second\n' }));
  t.same(await key(), ['second']);
  const line = await swap(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), drain: '1s' }));
  t.same(line['changed'], ['route iot', 'drain']);
  t.same(await key(), []);
});
