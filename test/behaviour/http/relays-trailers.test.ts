import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { answering, startPair, startRawPair } from '../../fixtures/pair.ts';

t.test('D9 D23/G2 trailers of a request arrive behind its body, those announced and others', async (t) => {
  const { up, url } = await startPair(t);
  await send(url, {
    method: 'POST',
    headers: { Trailer: 'X-Sum', 'Transfer-Encoding': 'chunked' },
    body: 'hello',
    trailers: ['X-Sum', '1', 'x-more', '2', 'X-Sum', '3'],
  });
  const request = up.requests.at(0);
  t.same(request.rawTrailers, ['X-Sum', '1', 'x-more', '2', 'X-Sum', '3']);
  t.same(request.values('trailer'), ['X-Sum']);
  t.match(request, { complete: true, bytes: 5 });
});

t.test('D9 what frames, addresses or traces a request cannot come behind it', async (t) => {
  const { up, proxy } = await startPair(t);
  const head = 'POST /iot HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  const trailers = 'Host: evil\r\nX-Forwarded-For: 10.0.0.1\r\nAuthorization: x\r\nX-Ok: 1\r\n';
  const wire = await rawRequest(t, proxy.port, `${head}0\r\n${trailers}\r\n`);
  await wire.head();
  t.same(up.requests.at(0).rawTrailers, ['X-Ok', '1']);
});

t.test('D9 D23/G2 trailers of a response', async (t) => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n';
  const { url, proxy } = await startRawPair(t, answering(`${chunked}X-Sum: 1\r\nx-more: 2\r\nVia: 1.1 x\r\n\r\n`));
  const reply = await send(url);
  t.equal(reply.headers.trailer, 'X-Sum');
  t.same(reply.rawTrailers, ['X-Sum', '1', 'x-more', '2']);
  const old = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.0\r\nHost: localhost\r\n\r\n');
  await old.ended;
  t.match(old.text(), /\r\n\r\nok$/, 'a client of HTTP/1.0 cannot have them');
});
