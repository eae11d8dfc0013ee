import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('localhost: programs reach it whichever family they try, and by whichever name', async (t) => {
  const { proxy, up } = await startPair(t, {
    config: { listen: 'localhost:0' },
    route: { match: { listen: 'localhost:0' } },
  });
  const second = await proxy.log.next(({ msg, address }) => msg === 'listening' && address !== proxy.addresses[0]);
  const { port } = proxy;
  t.same([...proxy.addresses, second.address], [`127.0.0.1:${port}`, `[::1]:${port}`]);
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    t.equal((await send(`http://${host}:${port}/iot`)).status, 200, host);
  }
  t.equal(up.requests.length, 3);
  t.match(await proxy.stop(), { code: 0 });
});

t.test('several listeners, IPv6 among them, are one proxy', async (t) => {
  const { proxy, up } = await startPair(t, { config: { listen: ['127.0.0.1:0', '[::1]:0', '127.0.0.9:0'] } });
  for (const address of proxy.addresses) {
    t.equal((await send(`http://${address}/iot`)).status, 200, `by its own address as Host, ${address}`);
    t.equal((await send(`http://${address}/iot`, { headers: { Host: 'localhost' } })).status, 200);
    t.equal((await send(`http://${address}/iot`, { headers: { Host: '127.0.0.8' } })).status, 403);
  }
  t.equal(up.requests.length, 6);
});
