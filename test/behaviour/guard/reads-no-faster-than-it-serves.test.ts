import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { forgetPeak, measured, peak, resident } from '../../fixtures/vitals.ts';
import { deferred } from '../../fixtures/wire.ts';

const get = (path: string | number) => `GET /iot/${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

t.test('E13 400,000 pipelined requests in one go are not all read, and nobody else waits for them', async (t) => {
  const { up, proxy, url } = await startPair(t, {
    env: measured,
    handler: (request, response) => {
      // The first one of the flood is never answered.
      if (request.url !== '/flood') response.end();
    },
  });
  for (let n = 0; n < 100; n += 1) await send(url);
  const before = await resident(proxy.pid);
  await forgetPeak(proxy.pid);
  const flood = get('flood').repeat(400_000);
  const wire = await rawRequest(t, proxy.port, flood);
  await up.requests.first(({ target }) => target === '/flood');
  // Each of these gives the proxy the time to read more of the flood, of which the kernel holds some megabytes.
  for (let n = 0; n < 200; n += 1) if ((await send(url)).status !== 200) t.fail('others are served');
  t.ok(wire.socket.writableLength > flood.length / 2, 'the client is held back');
  t.ok((await peak(proxy.pid)) - before < 48 * 1024 * 1024, 'flat memory');
});

t.test('D21 held back, all of them are answered in the end, in order', async (t) => {
  const first = deferred<void>();
  const { proxy } = await startPair(t, {
    handler: async (request, response, record) => {
      if (request.url === '/0') await first.promise;
      await record.finished;
      response.end(`${request.method} ${request.url} ${record.body};`);
    },
  });
  const count = 3_000;
  const requests = Array.from({ length: count }, (_, n) =>
    n % 3 === 0 ? get(n) : `POST /iot/${n} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody`,
  );
  const wire = await rawRequest(t, proxy.port, requests.join(''));
  // Others that are served meanwhile show that what has come was read.
  for (let n = 0; n < 3; n += 1) t.equal((await send(`${proxy.url}/iot/other`)).status, 200);
  first.resolve();
  await wire.until(`/${count - 1} `);
  await wire.until(';');
  const answers = wire.text().match(/(?:GET|POST) \/\d+ \w*;/g) ?? [];
  t.same(
    answers,
    requests.map((_, n) => (n % 3 === 0 ? `GET /${n} ;` : `POST /${n} body;`)),
  );
});

t.test('D21 an upgrade behind many requests gets its connection', async (t) => {
  const { proxy } = await startPair(t, { handler: (request, response) => void response.end(`${request.url};`) });
  const upgrade = 'GET /iot/last HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, get('x').repeat(500) + upgrade + get('behind'));
  await wire.until('/behind;');
  t.equal(wire.text().match(/HTTP\/1\.1 200 /g)?.length, 502);
});
