import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { type Problem, startPair, startRawPair } from '../../fixtures/pair.ts';

/** More than all kernels on the way keep. */
const body = Buffer.alloc(5_000_000);

/** Whether a write fails before the answer is read is a matter of microseconds: so often it is seen nearly always. */
const times = 20;

for (const how of ['drop', 'reset'] as const) {
  t.test(
    `D24 an answer arrives though the upstream ends the connection (${how}) under the rest of a body`,
    async (t) => {
      const refusal = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n';
      const { url } = await startRawPair(t, async (connection) => {
        await connection.head();
        await connection.write(refusal);
        connection[how]();
      });
      for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }]) {
        for (let n = 0; n < times; n += 1) {
          const reply = await send(url, { method: 'POST', headers, body });
          t.equal(reply.status, 413);
          t.equal(reply.text(), 'no\n');
        }
      }
    },
  );
}

t.test('D24 without an answer it is the upstream’s fault, as ever', async (t) => {
  const { up, url } = await startRawPair(t, async (connection) => {
    await connection.head();
    connection.drop();
  });
  for (let n = 0; n < times; n += 1) {
    const reply = await send(url, { method: 'POST', body });
    t.equal(reply.status, 502);
    t.match(reply.json<Problem>(), { cause: 'server-fault' });
  }
  t.equal(up.connections.length, times, 'and nothing is sent twice');
});

t.test('D24 a connection that took no more is not used again', async (t) => {
  // It answers all of a request that it has not read, and would keep the connection if it could.
  const { up, url } = await startPair(t, {
    handler: (_request, response, { connection }) => {
      response.writeHead(200, { 'Content-Length': '4' }).end('fine', () => connection.drop());
    },
  });
  for (let n = 0; n < times; n += 1) {
    t.equal((await send(url, { method: 'POST', body })).text(), 'fine');
    t.equal((await send(url, { method: 'POST' })).text(), 'fine');
  }
  t.ok(up.connections.length >= times);
});
