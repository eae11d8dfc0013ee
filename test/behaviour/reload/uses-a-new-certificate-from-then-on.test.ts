import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { open, rawRequest, send } from '../../fixtures/client.ts';
import { pki, startPair, startRawPair } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';

const second = await pki.ca.issue({ name: 'second', usage: 'client' });
const rotated = { 'client.crt': second.chain, 'client.key': second.key };

t.test('C1 a new certificate and key: new connections use them, idle ones go, running requests finish', async (t) => {
  let answer!: ServerResponse;
  const { up, url, proxy } = await startPair(t, {
    handler: (request, response, { connection }) => {
      if (request.url === '/slow') {
        answer = response;
        response.write('begin');
      } else response.end(`${connection.client} ${connection.resumed}`);
    },
  });
  const running = await open(`${url}/slow`).response;
  await once(running, 'readable');
  t.equal((await send(`${url}/a`)).text(), 'client true');
  const [busy, idle] = up.connections.all();
  const line = await swap(proxy, () => replaceFiles(proxy.directory, rotated));
  t.match(line, { level: 30, generation: 2, changed: ['route iot'], problems: [] });
  await idle?.closed;
  t.equal((await send(`${url}/b`)).text(), 'second false', 'with no session of the old identity');
  answer.end('-end');
  let text = '';
  for await (const chunk of running) text += chunk;
  t.equal(text, 'begin-end');
  await busy?.closed;
  t.equal((await send(`${url}/c`)).text(), 'second false');
  t.equal(up.connections.length, 3, 'whose connection is used again');
});

t.test('C1 who waits for a connection is served by the identity it came to', async (t) => {
  const held: ServerResponse[] = [];
  const { up, url, proxy } = await startPair(t, {
    route: { pool: { maxConnections: 1 } },
    config: { admin: '127.0.0.1:0' },
    handler: (request, response, { connection }) => {
      if (request.url === '/first') held.push(response);
      else response.end(connection.client);
    },
  });
  const first = send(`${url}/first`);
  await up.requests.first();
  const waiting = send(`${url}/waiting`);
  const count = async (state: string): Promise<string | undefined> => {
    const text = (await send(`${proxy.admin}/metrics`)).text();
    return new RegExp(`^mtls_proxy_upstream_connections\\{route="iot",state="${state}"\\} (\\d+)$`, 'm').exec(
      text,
    )?.[1];
  };
  while ((await count('waiting')) !== '1');
  await swap(proxy, () => replaceFiles(proxy.directory, rotated));
  t.equal((await send(`${url}/new`)).text(), 'second', 'the new one has a limit of its own');
  t.equal(await count('waiting'), '1');
  t.equal(await count('busy'), '1', 'of the old one');
  held[0]?.end();
  t.equal((await first).status, 200);
  t.equal((await waiting).text(), 'client');
  await up.connections.at(-1).closed;
  while ((await count('busy')) !== '0');
  t.equal(await count('idle'), '1', 'of the new one');
});

t.test('C1 a WebSocket stays where it is', async (t) => {
  const { up, proxy } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    for (;;) await connection.write(await connection.until(1));
  });
  const upgrade = 'GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, upgrade);
  await wire.head();
  await swap(proxy, () => replaceFiles(proxy.directory, rotated));
  await wire.write('still here');
  t.equal(String(await wire.until(10)), 'still here');
  t.equal(up.connections.length, 1);
});
