import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { writeFiles } from '../../fixtures/pki.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { configOf, reconfigure, reloadAfter } from '../../fixtures/reload.ts';

t.test('C6 SIGHUP with bad YAML: the old one stays, and the place is logged', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const line = await reconfigure(proxy, 'listen: 127.0.0.1:0\nroutes: [\n');
  t.match(line, { level: 50, generation: 1, changed: [] });
  t.match(line['problems'], [new RegExp(`^${configOf(proxy)}:\\d+:\\d+: `)]);
  t.equal((await send(url)).status, 200);
  const again = await reconfigure(proxy, oneRoute(up.url, { versions: ['TLSv1.2'] }));
  t.match(again, { level: 30, generation: 2, changed: ['route iot'], problems: [] });
  t.match((await send(url)).json(), { protocol: 'TLSv1.2' });
});

t.test('C6 all problems at once, and nothing of a half good one is taken', async (t) => {
  const { up, url, proxy } = await startPair(t);
  const two = [
    { name: 'new', match: { path: '/new' }, upstream: up.url, tls: { ca: 'ca.pem' } },
    {
      name: 'bad',
      match: { path: '/bad' },
      upstream: up.url,
      tls: { ca: 'gone.pem', cert: 'client.crt', key: 'ca.pem' },
    },
  ];
  const line = await reconfigure(proxy, { listen: '127.0.0.1:0', drian: '1s', routes: two });
  t.match(line, { level: 50, generation: 1 });
  t.match(line['problems'], [/"drian".*drain/, /gone\.pem: there is no such file/]);
  t.equal((await send(url)).status, 200);
  t.equal((await send(`${proxy.url}/new`)).status, 404);
});

t.test('C3 a broken certificate: the old one stays', async (t) => {
  const { url, proxy } = await startPair(t);
  const line = await reloadAfter(proxy, () => writeFiles(proxy.directory, { 'client.crt': 'nothing' }));
  t.match(line, { level: 50, generation: 1 });
  t.match(line['problems'], [/^.*:\d+:\d+: .*client\.crt holds nothing that is known here/]);
  t.match((await send(url)).json(), { client: 'client' });
});

t.test('SIGHUP without a change says so', async (t) => {
  const { proxy } = await startPair(t);
  const line = await reloadAfter(proxy, () => undefined);
  t.match(line, { level: 30, generation: 1, changed: [], problems: [] });
});
