import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { answering, startRawPair } from '../../fixtures/pair.ts';
import { whileStill } from '../../fixtures/stand-still.ts';

const good = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood';
const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
const request = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n';

for (const order of ['poison first', 'request first']) {
  t.test(`D22 a response that comes unasked on an idle connection is nobody's (${order})`, async (t) => {
    const { up, url, proxy } = await startRawPair(t, answering(good));
    // Connected and served once: its next request needs no accept, and is seen in the same turn as the poison.
    const wire = await rawRequest(t, proxy.port, request);
    await wire.until('good');
    for (let n = 0; n < 20; n += 1) {
      const connection = up.connections.at(-1);
      await whileStill(proxy, async () => {
        if (order === 'poison first') await connection.write(poison);
        await wire.write(request);
        if (order === 'request first') await connection.write(poison);
      });
      t.match((await wire.until(/good|poison/)).toString(), /good$/);
      await connection.ended;
    }
    t.equal((await send(url)).text(), 'good');
    t.equal(up.connections.length, 21, 'each poisoned connection was given up');
  });
}

t.test('D22 bytes behind a response are not the next one', async (t) => {
  const { up, url } = await startRawPair(t, answering(good + poison));
  for (let n = 0; n < 5; n += 1) t.equal((await send(url)).text(), 'good');
  t.equal(up.connections.length, 5);
});

t.test('D22 a connection that the upstream ends while idle is not used again', async (t) => {
  const { up, url } = await startRawPair(t, answering(good));
  t.equal((await send(url, { method: 'POST' })).text(), 'good');
  const first = up.connections.at(0);
  first.end();
  await first.ended;
  t.equal((await send(url, { method: 'POST' })).text(), 'good', 'a POST would not be sent again');
  t.equal(up.connections.length, 2);
});
