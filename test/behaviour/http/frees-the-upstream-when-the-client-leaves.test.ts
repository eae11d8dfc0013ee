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

/** The quickest of some turns, in milliseconds: a machine that is busy may be late, but hardly always. */
async function quickest(turn: () => Promise<{ readonly leave: () => void; readonly freed: Promise<unknown> }>) {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 10 && best >= 1_000; n += 1) {
    const { leave, freed } = await turn();
    const before = performance.now();
    leave();
    await freed;
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

t.test('D15 within a second: while it waits, while it reads, and while it is held back', async (t) => {
  const { up, url, proxy } = await startPair(t, { handler: () => undefined });
  const waiting = await quickest(async () => {
    const from = up.requests.length;
    const { request } = open(url);
    const { connection } = await up.requests.first(() => true, from);
    return { leave: () => request.destroy(), freed: connection.closed };
  });
  t.ok(waiting < 1_000, `${waiting} ms`);
  up.handler = (_request, response) => void response.write('the beginning');
  const reading = await quickest(async () => {
    const { request, response } = open(url);
    await once(await response, 'data');
    return { leave: () => request.destroy(), freed: up.connections.at(-1).closed };
  });
  t.ok(reading < 1_000, `${reading} ms`);
  up.handler = () => undefined;
  const post = 'POST /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n';
  const heldBack = await quickest(async () => {
    const from = proxy.log.lines.length;
    const wire = await rawRequest(t, proxy.port, post);
    wire.socket.write(Buffer.alloc(50_000_000));
    for (let before = -1; before !== wire.socket.writableLength; ) {
      before = wire.socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    // Its upstream does not read, and so does not see it; the log line comes with it.
    return { leave: () => wire.drop(), freed: proxy.log.next(({ method }) => method === 'POST', from) };
  });
  t.ok(heldBack < 1_000, `${heldBack} ms`);
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
