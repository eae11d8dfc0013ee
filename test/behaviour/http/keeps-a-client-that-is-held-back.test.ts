import { createHash } from 'node:crypto';
import { once } from 'node:events';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { echo, type Handler } from '../../fixtures/upstreams.ts';

/** Takes a request only after the proxy has looked after its client several times. */
const late: Handler = (request, response, record) => {
  setTimeout(() => void echo(request, response, record), 2_000);
};

t.test('D15 who is held back for longer and stays loses nothing', async (t) => {
  const { url, logged } = await startPair(t, { handler: late });
  const body = Buffer.alloc(50_000_000, 'local-mtls-proxy\n');
  const sha256 = createHash('sha256').update(body).digest('hex');
  const reply = await send(url, { method: 'POST', body });
  t.match(reply.json(), { bytes: body.length, sha256 });
  t.match(await logged(), { status: 200, bytesIn: body.length });
});

t.test('D15 who only ends its side has its request sent whole', async (t) => {
  const { up, url, proxy } = await startPair(t, { route: { pool: { maxConnections: 1 } }, handler: late });
  const first = send(url);
  await up.requests.first();
  const head = 'POST /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, head + 'x'.repeat(1_000_000));
  wire.end();
  // All of it and the FIN are out of the client's hands while it waits for the connection.
  await once(wire.socket, 'finish');
  t.equal((await first).status, 200);
  const record = await up.requests.first(({ method }) => method === 'POST');
  await record.finished;
  t.ok(record.complete);
  t.equal(record.bytes, 1_000_000);
});
