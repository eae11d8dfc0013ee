import t, { type Test } from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startRawPair } from '../../fixtures/pair.ts';
import type { RawConnection } from '../../fixtures/upstreams.ts';

const framings = {
  length: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
  'a chunk': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhello',
  'the trailers': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: b\r\n',
};

/** Sends the beginning of a response, and ends the connection when the test says that the client has it. */
function startCut(t: Test, start: string, end: (connection: RawConnection) => void) {
  return startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(start);
    await arrived;
    end(connection);
  });
}

let arrived = Promise.resolve();

for (const [what, start] of Object.entries(framings)) {
  for (const how of ['end', 'drop', 'reset'] as const) {
    t.test(`D8 D23/B a response cut within ${what} by ${how} is cut for the client`, async (t) => {
      let go = (): void => undefined;
      arrived = new Promise((resolve) => {
        go = resolve;
      });
      const { proxy, logged } = await startCut(t, start, (connection) => connection[how]());
      const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
      t.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\n/);
      await wire.until('hello');
      go();
      await wire.ended;
      t.notMatch(wire.text(), /\r\n0\r\n/, 'no last chunk');
      t.match(await logged(), { status: 200, cause: 'bad-response', bytesOut: 5, aborted: true });
    });
  }
}

t.test('D8 a client library sees that the response was cut', async (t) => {
  arrived = Promise.resolve();
  const { url } = await startCut(t, framings.chunked, (connection) => connection.end());
  await t.rejects(send(url), { message: /cut short after 5 bytes/ });
});

t.test('D8 a client of HTTP/1.0, whose response ends with the connection, sees a reset', async (t) => {
  for (const start of [framings.chunked, framings.length]) {
    let go = (): void => undefined;
    arrived = new Promise((resolve) => {
      go = resolve;
    });
    const { proxy } = await startCut(t, start, (connection) => connection.drop());
    const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.0\r\n\r\n');
    await wire.until('hello');
    go();
    t.equal(await wire.ended, 'ECONNRESET');
  }
});

t.test('D8 a response delimited by the close and ended by a reset is cut', async (t) => {
  let go = (): void => undefined;
  arrived = new Promise((resolve) => {
    go = resolve;
  });
  const { proxy, logged } = await startCut(t, 'HTTP/1.1 200 OK\r\n\r\nhello', (connection) => connection.reset());
  const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await wire.until('hello');
  go();
  await wire.ended;
  t.notMatch(wire.text(), /\r\n0\r\n/);
  t.match(await logged(), { cause: 'bad-response' });
});

t.test('D8 a connection closed within the head gives 502', async (t) => {
  for (const how of ['end', 'reset'] as const) {
    arrived = Promise.resolve();
    const { url } = await startRawPair(t, async (connection) => {
      await connection.head();
      // Two writes with the client's request between would be no surer: the proxy may read the head's part with its end.
      if (how === 'end') connection.end('HTTP/1.1 200 OK\r\nContent-Le');
      else {
        await connection.write('HTTP/1.1 200 OK\r\nContent-Le');
        connection.end();
      }
    });
    const reply = await send(url, { method: 'POST', body: 'x' });
    t.match(reply, { status: 502, headers: { 'proxy-status': /error=http_response_incomplete/ } });
    t.match(reply.json(), { cause: 'bad-response' });
  }
});
