import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseListen } from '../../src/config/addresses.ts';
import { ListenerSet } from '../../src/server/listener-set.ts';
import { rawRequest, send } from '../fixtures/client.ts';
import { Journal } from '../fixtures/journal.ts';
import { makeFolder } from '../fixtures/sound.ts';

const limits = { header: 16_384, connections: 100, connectionsPerClient: Infinity };
const any = parseListen('127.0.0.1:0');

/** Listeners whose requests the test answers; they are named by the listener they came by. */
function start(t: Test) {
  const requests = new Journal<{ by: string; response: ServerResponse }>('request');
  const set = new ListenerSet('listen', (by, _request, response) => {
    requests.push({ by, response: response as ServerResponse });
    return { conclude: () => false };
  });
  t.teardown(async () => {
    const left = set.leave();
    set.cut();
    await left;
  });
  return { set, requests };
}

const portOf = (address: string | undefined) => Number(address?.split(':').at(-1));

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Resolves when a listener has read what was sent to it before: that this is no request it tells by itself. */
async function read(t: Test, port: number): Promise<void> {
  const wire = await rawRequest(t, port, 'no request\r\n\r\n');
  await wire.head();
}

t.test('what comes by a new listener waits until it is committed', async (t) => {
  const { set, requests } = start(t);
  const change = await set.change([any], limits);
  t.match(change, {
    changed: ['listen 127.0.0.1:0 added'],
    opened: [{ address: /^127\.0\.0\.1:\d+$/, isExposed: false }],
  });
  t.same(set.addresses, []);
  const port = portOf(change.opened[0]?.address);
  const waiting = await rawRequest(t, port, get);
  const givenUp = await rawRequest(t, port, get);
  await read(t, port);
  await givenUp.close();
  await read(t, port);
  t.equal(requests.length, 0);
  change.commit();
  const { by, response } = await requests.first();
  t.equal(by, '127.0.0.1:0');
  t.equal(set.inFlight, 1, 'who has left meanwhile is not served');
  response.end();
  t.match(await waiting.head(), /^HTTP\/1\.1 200 /);
  t.same(
    set.addresses,
    change.opened.map(({ address }) => address),
  );
});

t.test('undone, a new listener is gone with those who came by it, and the others serve', async (t) => {
  const { set, requests } = start(t);
  (await set.change([any], limits)).commit();
  const [before] = set.addresses;
  const change = await set.change([any, any], limits);
  const wire = await rawRequest(t, portOf(change.opened[0]?.address), get);
  change.undo();
  await wire.ended;
  t.same(set.addresses, [before]);
  const sent = send(`http://${before}/`);
  (await requests.first()).response.end();
  t.equal((await sent).status, 200);
});

t.test('all or none: the first is closed when the second cannot be opened, and a mode is put back', async (t) => {
  const { set, requests } = start(t);
  const folder = await makeFolder(t, {});
  const unix = join(folder, 'p.sock');
  const mode = async () => (await stat(unix)).mode & 0o777;
  (await set.change([{ unix, mode: 0o600 }], limits)).commit();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const wanted = [{ unix, mode: 0o660 }, any, { host: '127.0.0.1', port }];
  await t.rejects(set.change(wanted, limits), {
    code: 'EADDRINUSE',
    where: { port },
    message: `127.0.0.1:${port} is in use by another program; stop it, or change \`listen\``,
  });
  t.equal(await mode(), 0o600);
  t.same(set.addresses, [`unix:${unix}`]);
  const change = await set.change([{ unix, mode: 0o660 }], limits);
  t.same(change.changed, [`listen unix:${unix}`]);
  change.commit();
  t.equal(await mode(), 0o660);
  const sent = send('http://localhost/', { socketPath: unix });
  (await requests.first()).response.end();
  t.equal((await sent).status, 200);
});

t.test('a listener that goes takes no new connection, and ends those it has behind their responses', async (t) => {
  const { set, requests } = start(t);
  (await set.change([any, any], limits)).commit();
  const [kept, going] = set.addresses;
  const running = await rawRequest(t, portOf(going), get);
  const { response } = await requests.first();
  const idle = await rawRequest(t, portOf(going), '');
  // `port` 0 twice: the second one goes.
  const change = await set.change([any], limits);
  t.same(change.changed, ['listen 127.0.0.1:0 removed']);
  change.commit();
  t.equal(await idle.ended, 'end');
  t.same(set.addresses, [kept]);
  t.equal(set.inFlight, 1);
  response.end('late');
  t.match(await running.head(), /^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n/s);
  await running.until('late');
  t.equal(await running.ended, 'end');
  await t.rejects(send(`http://${going}/`), { code: 'ECONNREFUSED' });
});
