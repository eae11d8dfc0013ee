import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('D23/H a client that expects 100-continue is told to, and the upstream is not asked', async (t) => {
  const { up, url } = await startPair(t);
  const reply = await send(url, { method: 'PUT', headers: { Expect: '100-continue' }, body: 'hello' });
  t.equal(reply.status, 200);
  t.same(
    reply.interim.map(({ status }) => status),
    [100],
  );
  t.match(up.requests.at(0), { bytes: 5, complete: true });
  t.same(up.requests.at(0).values('expect'), []);
});

t.test('D23/H another expectation is 417', async (t) => {
  const { up, proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\nExpect: more\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 417 /);
  t.equal(up.accepted, 0);
});
