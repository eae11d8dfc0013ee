import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, refusal, reloading, replaceFiles, swap } from '../../fixtures/reload.ts';

t.test('C6 SIGHUP with bad YAML: the old one stays, and the place is logged', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const line = await refusal(proxy, async () => {
    await reconfigure(proxy, 'listen: 127.0.0.1:0\n  drain: 1s\n');
    proxy.signal('SIGHUP');
  });
  t.match(line, { generation: 1, changed: [] });
  t.match(line['problems'], [new RegExp(`^${proxy.directory}/proxy\\.yaml:1:9: a nested map`)]);
  t.equal((await send(url)).status, 200);
  const mended = oneRoute(up.url, { versions: ['TLSv1.2'] });
  t.match(await swap(proxy, () => reconfigure(proxy, mended)), {
    level: 30,
    generation: 2,
    changed: ['route iot'],
    problems: [],
  });
  t.match((await send(url)).json(), { protocol: 'TLSv1.2' });
});

t.test('C6 all problems at once, and nothing of what is half good is taken', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const tls = { ca: 'ca.pem' };
  const routes = [
    { name: 'new', match: { path: '/new' }, upstream: up.url, tls },
    { name: 'bad', match: { path: '/bad' }, upstream: up.url, tls: { ca: 'gone.pem' } },
  ];
  const line = await refusal(proxy, () => reconfigure(proxy, { listen: '127.0.0.1:0', drian: '1s', routes }));
  t.match(line['problems'], [
    /:2:1: unknown key "drian", did you mean "drain"/,
    /:15:11: cannot read .*gone\.pem: there is no such file/,
  ]);
  t.equal((await send(url)).status, 200);
  t.equal((await send(`${proxy.url}/new`)).status, 404);
});

t.test('C3 a file that is broken: the old one stays', async (t) => {
  const { url, proxy } = await startPair(t);
  const line = await refusal(proxy, () => replaceFiles(proxy.directory, { 'client.crt': 'nothing' }));
  t.match(line, { generation: 1, problems: [/^.*:\d+:\d+: .*client\.crt holds nothing that is known here/] });
  t.match((await send(url)).json(), { client: 'client' });
});

t.test('SIGHUP without a change says so', async (t) => {
  const { proxy } = await startPair(t);
  const line = await reloading(proxy, () => proxy.signal('SIGHUP'));
  t.match(line, { level: 30, generation: 1, changed: [], problems: [] });
});
