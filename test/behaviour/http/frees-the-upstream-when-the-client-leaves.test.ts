import { once } from 'node:events';
import t from 'tap';
import { open, rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

/** "At once": within a second; how much later a busy machine tells of it is not the proxy's doing. */
const patience = 5_000;

async function soon(closed: Promise<void>): Promise<'closed' | 'still open'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'still open'>((resolve) => {
    timer = setTimeout(() => resolve('still open'), patience);
  });
  const first = await Promise.race([closed.then(() => 'closed' as const), late]);
  clearTimeout(timer);
  return first;
}

t.test('D15 D23/C the client leaves before the response', async (t) => {
  const { up, url, logged } = await startPair(t, { handler: () => undefined });
  const { request } = open(url);
  const { connection } = await up.requests.first();
  request.destroy();
  t.equal(await soon(connection.closed), 'closed');
  t.match(await logged(), { status: 0, aborted: true });
});

for (const [framing, start] of [
  ['Content-Length: 1000', 'the beginning'],
  ['Transfer-Encoding: chunked', 'd\r\nthe beginning\r\n'],
]) {
  for (const how of ['close', 'reset', 'end'] as const) {
    t.test(`D15 the client leaves (${how}) while it sends, ${framing}`, async (t) => {
      const { up, proxy, logged } = await startPair(t, { handler: () => undefined });
      const arrived = new Promise<void>((resolve) => {
        up.handler = (request) => void request.once('data', () => resolve());
      });
      const request = `POST /iot HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${start}`;
      const wire = await rawRequest(t, proxy.port, request);
      await arrived;
      void wire[how]();
      const record = up.requests.at(0);
      t.equal(await soon(record.connection.closed), 'closed');
      t.notOk(record.complete, 'the upstream can tell that the request was cut');
      t.match(await logged(), { bytesIn: 13, aborted: true });
    });
  }
}

t.test('D15 D23/D the client leaves while it reads', async (t) => {
  const { up, url, logged } = await startPair(t, {
    handler: (_request, response) => {
      response.write('the beginning');
    },
  });
  const { request, response } = open(url);
  await once(await response, 'data');
  request.destroy();
  t.equal(await soon(up.connections.at(0).closed), 'closed');
  t.match(await logged(), { status: 200, bytesOut: 13, aborted: true });
});

t.test('D15 the client leaves while the upstream is held back', async (t) => {
  const { up, url } = await startPair(t, {
    handler: (_request, response) => {
      response.end(Buffer.alloc(32 * 1024 * 1024));
    },
  });
  const { request, response } = open(url);
  const answer = await response;
  await once(answer, 'readable');
  request.destroy();
  t.equal(await soon(up.connections.at(0).closed), 'closed');
});

t.test('D15 the client leaves while its request waits behind another', async (t) => {
  const { up, url } = await startPair(t, { route: { pool: { maxConnections: 1 } }, handler: () => undefined });
  const first = open(url);
  await up.requests.first();
  const second = open(url);
  await once(second.request, 'socket');
  second.request.destroy();
  first.request.destroy();
  t.equal(await soon(up.connections.at(0).closed), 'closed');
  up.handler = (_request, response) => response.end('free');
  const third = open(url);
  t.equal((await third.response).statusCode, 200);
});
