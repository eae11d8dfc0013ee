import t from 'tap';
import { pki, startPair } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, refusal, replaceFiles, swap } from '../../fixtures/reload.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

const second = await pki.ca.issue({ name: 'second', usage: 'client' });

t.test('C1 all processes use a new certificate, and it is told once', async (t) => {
  const clients: string[] = [];
  const { proxy, url } = await startPair(t, {
    config: { workers: 2 },
    handler: (_request, response, { connection }) => {
      clients.push(connection.client ?? '');
      response.end();
    },
  });
  await untilServedBy(proxy, `${url}/x`, 2);
  t.same(new Set(clients.splice(0)), new Set(['client']));
  const rotated = { 'client.crt': second.chain, 'client.key': second.key };
  const line = await swap(proxy, () => replaceFiles(proxy.directory, rotated));
  t.match(line, { generation: 2, changed: ['route iot'] });
  t.equal(line['pid'], proxy.pid);
  await untilServedBy(proxy, `${url}/x`, 2);
  t.same(new Set(clients), new Set(['second']));
  t.equal(proxy.log.all('reload').filter(({ level }) => level === 30).length, 1);
});

t.test('C6 a configuration with a fault changes none', async (t) => {
  const { up, proxy, url } = await startPair(t, { config: { workers: 2 } });
  const line = await refusal(proxy, () => reconfigure(proxy, 'listen: nowhere\n'));
  t.match(line, { generation: 1, changed: [] });
  await untilServedBy(proxy, `${url}/x`, 2);
  t.ok(up.requests.length > 1);
});

t.test('C10 an address that is taken changes none, and is told with its place', async (t) => {
  const taken = await startPair(t, {});
  const { up, proxy, url } = await startPair(t, { config: { workers: 2 } });
  const config = { ...oneRoute(up.url), workers: 2, listen: ['127.0.0.1:0', `127.0.0.1:${taken.proxy.port}`] };
  const line = await refusal(proxy, () => reconfigure(proxy, config));
  t.match(line, { generation: 1, changed: [], problems: [/proxy\.yaml:3:5: 127\.0\.0\.1:\d+ is in use/] });
  await untilServedBy(proxy, `${url}/x`, 2);
});
