import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

t.test('D1 Host is the upstream', async (t) => {
  const { up, url, proxy } = await startPair(t);
  await send(url);
  const [first] = up.requests;
  t.same(first?.values('host'), [`localhost:${up.port}`.replace('localhost', new URL(up.url).hostname)]);
  t.same(first?.values('x-forwarded-host'), [`127.0.0.1:${proxy.port}`]);
  t.same(first?.values('x-forwarded-for'), ['127.0.0.1']);
  t.same(first?.values('x-forwarded-proto'), ['http']);
  t.match(first?.values('via'), [/^1\.1 mtls-proxy-[0-9a-f]{8}$/]);
});

t.test('D1 Host is what the client said, where the route preserves it', async (t) => {
  const { up, url } = await startPair(t, { route: { host: 'preserve' } });
  await send(url, { headers: ['hOsT', 'localhost:1234'] });
  t.same(up.requests.at(0).rawHeaders.slice(0, 2), ['hOsT', 'localhost:1234']);
});

t.test('D1 a client of HTTP/1.0 without Host', async (t) => {
  const { up, proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, 'GET /iot/old HTTP/1.0\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  t.same(up.requests.at(0).values('host'), [new URL(up.url).host]);
  t.same(up.requests.at(0).values('x-forwarded-host'), []);
  t.match(up.requests.at(0).values('via'), [/^1\.0 mtls-proxy-[0-9a-f]{8}$/]);
});

t.test('D1 the authority of an absolute target wins over Host', async (t) => {
  const { up, url, proxy } = await startPair(t, { route: { host: 'preserve' } });
  await send(url, { target: `http://127.0.0.1:${proxy.port}/iot/a?b`, headers: ['Host', 'localhost'] });
  t.equal(up.requests.at(0).target, '/a?b');
  t.same(up.requests.at(0).values('host'), [`127.0.0.1:${proxy.port}`]);
});

t.test('each client is named by its own address, though all ask alike', async (t) => {
  const { up, proxy } = await startPair(t);
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.1', '127.0.0.2'];
  const wires = [];
  for (const address of addresses) wires.push(await rawRequest(t, proxy.port, '', '127.0.0.1', address));
  for (let round = 0; round < 2; round += 1) {
    for (const wire of wires) {
      await wire.write('GET /iot/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
      t.match(await wire.head(), /^HTTP\/1\.1 200 /);
      await wire.until('}');
    }
  }
  const named = [...up.requests].map((request) => request.values('x-forwarded-for'));
  t.same(
    named,
    [...addresses, ...addresses].map((address) => [address]),
  );
});
