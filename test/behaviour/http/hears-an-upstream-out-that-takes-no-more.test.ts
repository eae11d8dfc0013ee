import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { type Problem, startPair, startRawPair } from '../../fixtures/pair.ts';
import { whileStill } from '../../fixtures/stand-still.ts';
import type { Scope } from '../../fixtures/teardown.ts';

const refusal = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n';

/** Begins an upload; while the proxy stands still, the client sends more, and then the upstream says something and resets. */
async function meanwhile(t: Scope, framing: 'length' | 'chunked', answer: string) {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
  });
  const fields = framing === 'length' ? 'Content-Length: 1000000' : 'Transfer-Encoding: chunked';
  const piece = framing === 'length' ? 'x'.repeat(10_000) : `2710\r\n${'x'.repeat(10_000)}\r\n`;
  const wire = await rawRequest(t, proxy.port, `POST /iot HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${piece}`);
  const connection = await up.connections.first();
  await connection.until(piece);
  // So the client's bytes are what the proxy reads first, and writes on to an upstream that has gone.
  await whileStill(proxy, async () => {
    await wire.write(piece);
    await connection.write(answer);
    connection.reset();
  });
  return { wire, logged };
}

for (const framing of ['length', 'chunked'] as const) {
  t.test(`D24 an answer arrives though the upstream is gone under the rest of a body (${framing})`, async (t) => {
    const { wire, logged } = await meanwhile(t, framing, refusal);
    t.match(await wire.head(), /^HTTP\/1\.1 413 /);
    t.equal((await wire.until(3)).toString(), 'no\n');
    t.match(await logged(), { status: 413, bytesOut: 3 });
  });
}

t.test('D24 half an answer is none', async (t) => {
  const { wire } = await meanwhile(t, 'length', refusal.slice(0, 30));
  t.match(await wire.head(), /^HTTP\/1\.1 502 (?:.+\r\n)+Proxy-Status: .*error=http_response_incomplete/);
});

/** More than all kernels on the way keep. */
const body = Buffer.alloc(5_000_000);

/** Whether a write fails before the answer is read is a matter of microseconds: so often it is seen nearly always. */
const times = 10;

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
