import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startFront } from '../../fixtures/front.ts';
import { join, type Problem, startPair, trusting } from '../../fixtures/pair.ts';
import { type Handler, type RequestRecord, startUpstream } from '../../fixtures/upstreams.ts';
import { deferred } from '../../fixtures/wire.ts';

const head = 'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
const badChunk = 'zz\r\n';

t.test('D7 a body whose framing breaks is 400, and logged as that', async (t) => {
  const { promise: came, resolve } = deferred<RequestRecord>();
  const handler: Handler = (request, _response, record) => void request.on('data', () => resolve(record));
  const { proxy, logged } = await startPair(t, { handler });
  const wire = await rawRequest(t, proxy.port, `${head}4\r\nbody\r\n`);
  const request = await came;
  await wire.write(badChunk);
  t.match(await wire.head(), /^HTTP\/1\.1 400 .*\r\nconnection: close\r\n/is);
  t.equal((JSON.parse((await wire.until('}\n')).toString()) as Problem).cause, 'bad-request');
  t.equal(await wire.ended, 'end');
  const line = await logged();
  t.match(line, { route: 'iot', status: 400, cause: 'bad-request', bytesIn: 4 });
  t.notOk('aborted' in line, 'the client had its answer');
  await request.finished;
  t.notOk(request.complete, 'the upstream took nothing for a whole request');
});

t.test('D7 so it is while the request waits for a connection', async (t) => {
  const up = await startUpstream(t, trusting);
  const front = await startFront(t, { to: up, decide: () => 'silent' });
  const { proxy, logged } = await join(t, front);
  const wire = await rawRequest(t, proxy.port, head);
  const { closed } = await front.hellos.first();
  await wire.write(badChunk);
  t.match(await wire.head(), /^HTTP\/1\.1 400 /);
  t.match(await logged(), { route: 'iot', status: 400, cause: 'bad-request' });
  await closed;
});

t.test('D7 a response that has begun is cut short, and the log says why', async (t) => {
  const { proxy, logged } = await startPair(t, {
    handler: (request, response) => {
      request.resume();
      response.write('a part');
    },
  });
  const wire = await rawRequest(t, proxy.port, head);
  await wire.until('a part');
  await wire.write(badChunk);
  t.not(await wire.ended, 'open');
  t.notMatch(wire.text(), /\r\n0\r\n\r\n$/, 'the response is not whole');
  t.match(await logged(), { status: 200, cause: 'bad-request', aborted: true });
});
