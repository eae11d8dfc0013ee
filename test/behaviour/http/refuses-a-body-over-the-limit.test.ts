import { Agent } from 'node:http';
import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { type Problem, startPair } from '../../fixtures/pair.ts';

const tooLong = { cause: 'bad-request', status: 413, detail: /`limits\.body` \(10 bytes\)/, route: 'iot' };

t.test('a declared length over `limits.body` is 413 at once, and the upstream hears nothing', async (t) => {
  const { up, url, proxy } = await startPair(t, { config: { limits: { body: '10B' } } });
  // Nothing of the body is sent: the answer does not wait for it.
  const wire = await rawRequest(t, proxy.port, 'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 413 Payload Too Large\r\n/);
  t.match(JSON.parse((await wire.until('}\n')).toString()), tooLong);
  t.equal(up.accepted, 0);
  t.equal((await send(url, { method: 'POST', body: '0123456789' })).status, 200, 'the limit itself is allowed');
});

t.test('the connection goes on behind a body that was dropped', async (t) => {
  const { url } = await startPair(t, { config: { limits: { body: '10B' } } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  t.match((await send(url, { agent, method: 'POST', body: 'x'.repeat(100_000) })).json<Problem>(), tooLong);
  t.equal((await send(url, { agent })).status, 200);
});

t.test('a body that turns out longer is 413 too, and the request to the upstream is given up', async (t) => {
  const { up, url, proxy, logged } = await startPair(t, {
    route: { limits: { body: '10B' } },
    handler: (request) => void request.resume(),
  });
  const head = 'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, `${head}a\r\n0123456789\r\n`);
  const request = await up.requests.first();
  await wire.write('1\r\nx\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 413 /);
  t.match(JSON.parse((await wire.until('}\n')).toString()), tooLong);
  await request.finished;
  t.equal(request.complete, false, 'cut, not completed');
  t.match(await logged(), { status: 413, cause: 'bad-request' });
  up.handler = (_request, response) => void response.end('ok');
  t.equal(
    (await send(url, { method: 'POST', body: '0123456789', headers: { 'Transfer-Encoding': 'chunked' } })).status,
    200,
  );
});

t.test('a route says otherwise than the process', async (t) => {
  const { url } = await startPair(t, { config: { limits: { body: '10B' } }, route: { limits: { body: 'none' } } });
  t.equal((await send(url, { method: 'POST', body: 'x'.repeat(100_000) })).json()['bytes'], 100_000);
});

t.test('a response that has begun is cut', async (t) => {
  const { proxy } = await startPair(t, {
    route: { limits: { body: '10B' } },
    handler: (request, response) => {
      request.resume();
      response.writeHead(200, { 'Content-Length': 5 });
      response.write('ok');
    },
  });
  const head = 'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, `${head}5\r\n01234\r\n`);
  await wire.until('ok');
  await wire.write('6\r\n012345\r\n');
  await wire.ended;
  t.notMatch(wire.text(), '413');
});
