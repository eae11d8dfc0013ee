import type { ServerResponse } from 'node:http';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { inspected, objectsOf } from '../../fixtures/heap.ts';
import { Journal } from '../../fixtures/journal.ts';
import { intolerant, until12 } from '../../fixtures/ladder.ts';
import { join, pki, trusting } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';
import { startFront, startUpstream } from '../../fixtures/upstreams.ts';
import { connectionsTo, settled } from '../../fixtures/vitals.ts';

const identities = await Promise.all(
  Array.from({ length: 5 }, (_, n) => pki.ca.issue({ name: `client-${n}`, usage: 'client' })),
);

const host = 'Host: localhost\r\n\r\n';

/** What a configuration is made of that runs. */
const classes = ['Snapshot', 'Upstream', 'Pool', 'Ladder', 'SessionCache', 'ExpiryWatch', 'Connection', 'TLSSocket'];

t.test('C1, C7 of identities that were replaced nothing is left, whatever was going on when they were', async (t) => {
  const held = new Journal<ServerResponse>('held response');
  const up = await startUpstream(t, {
    ...trusting,
    ...until12,
    handler: (request, response) => {
      if (request.url === '/quick') response.end();
      else held.push(response);
    },
    upgrade: (_request, socket) => {
      socket.on('error', () => undefined); // its client resets it
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    },
  });
  const front = await startFront(t, { to: up, decide: intolerant });
  const folder = t.testdir({});
  const { proxy, url } = await join(t, front, {
    route: { pool: { maxConnections: 3 } },
    config: { admin: '127.0.0.1:0' },
    env: inspected(folder),
  });
  const alive = async () => {
    // The upstream closes what is idle for some seconds.
    t.equal((await send(`${url}/quick`)).status, 200);
    const counts = await objectsOf(proxy, folder);
    return classes.map((name) => `${counts.get(name) ?? 0} ${name}`);
  };
  for (const { chain, key } of identities) {
    // A fallback, which is remembered, and has the higher offer tried again; sessions, and a connection that is idle.
    t.equal((await send(`${url}/quick`)).status, 200);
    // A client that stays, and asks for nothing more.
    const idle = await rawRequest(t, proxy.port, `GET /iot/quick HTTP/1.1\r\n${host}`);
    await idle.until('\r\n\r\n');
    const from = held.length;
    const finished = send(`${url}/held`);
    await held.reach(from + 1);
    const left = await rawRequest(t, proxy.port, `GET /iot/held HTTP/1.1\r\n${host}`);
    await held.reach(from + 2);
    const tunnel = await rawRequest(
      t,
      proxy.port,
      `GET /iot HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${host}`,
    );
    await tunnel.head();
    // It waits for a connection, and leaves.
    const waiting = await rawRequest(t, proxy.port, `GET /iot/quick HTTP/1.1\r\n${host}`);
    await swap(proxy, () => replaceFiles(proxy.directory, { 'client.crt': chain, 'client.key': key }));
    for (const wire of [waiting, left, tunnel]) wire.reset();
    held.at(from).end();
    t.equal((await finished).status, 200);
  }
  const expected = classes.map((name) => `1 ${name}`);
  const found = await settled(alive, (now) => `${now}` === `${expected}`);
  t.same(found, expected);
  const connections = await settled(
    () => connectionsTo(front.port),
    (count) => count === 1,
  );
  t.equal(connections, 1, 'the present one’s');
});
