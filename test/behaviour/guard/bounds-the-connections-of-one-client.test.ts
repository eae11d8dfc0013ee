import { networkInterfaces } from 'node:os';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { settled } from '../../fixtures/vitals.ts';

/** An address of this machine that is not loopback, which tells a client as another machine's would. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

const get = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n';

t.test('E13 one client of another machine has so many connections, and others have theirs', async (t) => {
  const { proxy, up } = await startPair(t, {
    config: {
      listen: '0.0.0.0:0',
      exposed: true,
      guard: { hosts: ['proxy.test'] },
      limits: { connectionsPerClient: 2 },
    },
  });
  const host = outside ?? '127.0.0.1';
  const first = [];
  for (let n = 0; n < 2; n += 1) {
    const wire = await rawRequest(t, proxy.port, get, host);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    first.push(wire);
  }
  const third = await rawRequest(t, proxy.port, get, host);
  if (outside !== undefined) {
    t.match(await third.head(), /^HTTP\/1\.1 503 .*\r\nConnection: close\r\n/s);
    t.match((await third.until('}\n')).toString(), /as many connections as `limits\.connectionsPerClient` allows/);
    t.equal(await third.ended, 'end');
    const upgrade = 'GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n';
    const handed = await rawRequest(t, proxy.port, upgrade, host);
    t.match(await handed.head(), /^HTTP\/1\.1 503 /);
    t.equal(await handed.ended, 'end', 'an upgrade, too');
    t.equal(up.requests.length, 2);
  }
  for (let n = 0; n < 5; n += 1) {
    const local = await rawRequest(t, proxy.port, get);
    t.match(await local.head(), /^HTTP\/1\.1 200 /, 'programs of this machine');
  }
  await Promise.all(first.map((wire) => wire.close()));
  // That they are closed, the proxy learns a moment later.
  const again = await settled(
    async () => (await send(`http://${host}:${proxy.port}/iot`, { headers: { Host: 'localhost' } })).status,
    (status) => status === 200,
  );
  t.equal(again, 200);
});
