import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { join, type Problem, startPair, trusting } from '../../fixtures/pair.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

t.test('a request that comes back to the proxy ends there, and names the reason', async (t) => {
  const up = await startUpstream(t, trusting);
  const { url, proxy } = await join(t, up);
  up.handler = async ({ rawHeaders, url: target }, response) => {
    // As a server that hands requests on to the proxy they came from.
    const reply = await send(proxy.url, {
      target: `/iot${target}`,
      headers: rawHeaders.filter((_, i, all) => !/^host$/i.test(all[i - (i % 2)] as string)),
    });
    response.writeHead(reply.status, reply.headers).end(reply.body);
  };
  const reply = await send(url);
  t.equal(reply.status, 502);
  t.match(reply.headers['proxy-status'], /error=proxy_loop_detected/);
  t.match(reply.json<Problem>(), { cause: 'bad-request', detail: /`upstream` of a route leads back/ });
  t.equal(up.requests.length, 1, 'after one round');
});

t.test('another proxy of the kind is no loop', async (t) => {
  const { url } = await startPair(t);
  const { proxy } = await startPair(t);
  const own = (await send(url)).headers.via ?? '';
  t.equal((await send(`${proxy.url}/iot`, { headers: { Via: `${own}, 1.1 mtls-proxy` } })).status, 200);
});

t.test('RFC 9110 section 7.6.2: OPTIONS and TRACE go as far as Max-Forwards says', async (t) => {
  const { up, url, proxy } = await startPair(t);
  await send(url, { method: 'OPTIONS', headers: { 'Max-Forwards': '1' } });
  t.same(up.requests.at(0).values('max-forwards'), ['0']);
  await send(url, { headers: { 'Max-Forwards': '0' } });
  t.same(up.requests.at(1).values('max-forwards'), ['0'], 'for GET it means nothing');
  t.match(await send(url, { method: 'OPTIONS', headers: { 'Max-Forwards': '0' } }), {
    status: 200,
    headers: { 'content-length': '0' },
  });
  const trace = 'TRACE /iot/x HTTP/1.1\r\nHost: localhost\r\nMax-Forwards: 0\r\nCookie: a=1\r\nX-A: b\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, trace);
  t.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\nContent-Type: message\/http\r\n/);
  t.equal((await wire.until('b\r\n\r\n')).toString(), trace.replace('Cookie: a=1\r\n', ''));
  t.equal(up.requests.length, 2);
});
