import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { seen, until12, without13 } from '../../fixtures/ladder.ts';
import { pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { reconfigure, replaceFiles, swap } from '../../fixtures/reload.ts';
import { startFront, startUpstream } from '../../fixtures/upstreams.ts';

t.test('a route of which nothing changed keeps its connections, sessions and the offer it remembers', async (t) => {
  const up = await startUpstream(t, { ...trusting, ...until12 });
  const front = await startFront(t, { to: up, decide: without13('reset') });
  const tls = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
  const kept = { name: 'kept', match: { path: '/kept' }, upstream: front.url, tls };
  const other = { ...kept, name: 'other', match: { path: '/other' }, tls: { ...tls, cert: 'b.crt', key: 'b.key' } };
  const config = { listen: '127.0.0.1:0', routes: [kept, other] };
  const b = { 'b.crt': pki.client.chain, 'b.key': pki.client.key };
  const proxy = await runProxy(t, { config, files: { ...pkiFiles(pki), ...b } });
  t.equal((await send(`${proxy.url}/kept`)).status, 200);
  const hellos = front.hellos.length;

  const second = await pki.ca.issue({ name: 'second', usage: 'client' });
  const rotated = { 'b.crt': second.chain, 'b.key': second.key };
  t.same((await swap(proxy, () => replaceFiles(proxy.directory, rotated)))['changed'], ['route other']);
  t.equal((await send(`${proxy.url}/kept`)).status, 200);
  t.equal(front.hellos.length, hellos, 'on the connection of before');

  // Keys in another order, and what is the default anyway.
  const same = { tls: kept.tls, upstream: kept.upstream, match: kept.match, stripPath: true, name: 'kept' };
  const line = await swap(proxy, () =>
    reconfigure(proxy, { drain: '5s', listen: config.listen, routes: [other, same] }),
  );
  t.same(line['changed'], ['drain']);
  t.equal((await send(`${proxy.url}/kept`)).status, 200);
  t.equal(front.hellos.length, hellos);

  const slower = { ...kept, timeouts: { response: '30s' } };
  const changed = await swap(proxy, () => reconfigure(proxy, { ...config, routes: [slower] }));
  t.same(changed['changed'], ['route kept', 'route other removed', 'drain']);
  t.equal((await send(`${proxy.url}/kept`)).status, 200);
  t.ok(seen(front).slice(hellos)[0]?.startsWith('TLSv1.3'), 'a changed one begins at the top of its ladder');
  t.match((await send(`${proxy.url}/other`)).status, 404);
});

t.test('a variable is as it was at the start, and forgotten also if only a reload names it', async (t) => {
  const up = await startUpstream(t, trusting);
  const reports = t.testdir({});
  const reporting = `--report-on-signal --report-signal=SIGUSR2 --report-directory=${reports}`;
  const env = { API_KEY: 'from the start', NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${reporting}` };
  const proxy = await runProxy(t, { config: oneRoute(up.url), files: pkiFiles(pki), env });
  const set = { 'X-Api-Key': { env: 'API_KEY' } };
  await swap(proxy, () => reconfigure(proxy, oneRoute(up.url, {}, { headers: { request: { set } } })));
  await send(`${proxy.url}/iot`);
  t.same(up.requests.at(0).values('x-api-key'), ['from the start']);
  // Node's report on a process lists its environment.
  proxy.signal('SIGUSR2');
  while ((await readdir(reports)).length === 0) await send(`${proxy.url}/iot`);
  await proxy.stop();
  const [report = ''] = await readdir(reports);
  const { environmentVariables } = JSON.parse(await readFile(join(reports, report), 'utf8')) as Record<string, object>;
  t.match(environmentVariables, { NODE_OPTIONS: /report/ });
  t.notOk('API_KEY' in (environmentVariables ?? {}));
});
