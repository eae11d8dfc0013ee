import t from 'tap';
import { rawRequest, type SendOptions, send } from '../../fixtures/client.ts';
import { scene, until12, without13 } from '../../fixtures/ladder.ts';
import { deferred } from '../../fixtures/wire.ts';

/** What the admin listener answers, with its body as text. */
async function look(url: string, options: SendOptions = {}): Promise<{ status: number; text: string; type: unknown }> {
  const reply = await send(url, options);
  return { status: reply.status, text: reply.text(), type: reply.headers['content-type'] };
}

const admin = { config: { admin: '127.0.0.1:0' } };

t.test('E10 alive and ready, and while it drains alive but not ready', async (t) => {
  const answered = deferred<void>();
  const { up, proxy } = await scene(t, {
    decide: () => 'pass',
    server: {
      handler: async (_request, response) => {
        await answered.promise;
        response.end('late');
      },
    },
    ...admin,
  });
  t.match(await look(`${proxy.admin}/healthz`), { status: 200, text: 'alive\n' });
  t.match(await look(`${proxy.admin}/readyz`), { status: 200, text: 'ready\n' });

  const running = send(`${proxy.url}/iot/slow`);
  await up.requests.first();
  const stopped = proxy.stop();
  await proxy.log.next('draining');
  t.match(await look(`${proxy.admin}/readyz`), { status: 503, text: /^draining$/m });
  t.match(await look(`${proxy.admin}/healthz`), { status: 200 });
  answered.resolve();
  t.equal((await running).text(), 'late');
  t.match(await stopped, { code: 0 });
});

t.test('metrics of real requests, by the names of the contract', async (t) => {
  const { proxy, ask } = await scene(t, { decide: without13('reset'), server: until12, ...admin });
  await ask();
  await ask({ path: '/nowhere' });
  const { status, type, text } = await look(`${proxy.admin}/metrics`);
  t.equal(status, 200);
  t.match(type, /^text\/plain; version=0\.0\.4/);
  t.match(text, /^mtls_proxy_requests_total\{route="iot",code="200",cause=""\} 1$/m);
  t.match(text, /^mtls_proxy_requests_total\{route="",code="404",cause="no-route"\} 1$/m);
  t.match(text, /^mtls_proxy_handshakes_total\{route="iot",protocol="TLSv1\.2",outcome="ok"\} 1$/m);
  t.match(text, /^mtls_proxy_handshakes_total\{route="iot",protocol="none",outcome="reset"\} [12]$/m);
  t.match(text, /^mtls_proxy_upstream_connections\{route="iot",state="idle"\} 1$/m);
  for (const kind of ['client', 'server']) {
    t.match(
      text,
      new RegExp(`^mtls_proxy_certificate_not_after_seconds\\{route="iot",kind="${kind}"\\} \\d{10}$`, 'm'),
    );
  }
});

t.test('E14 labels are bounded: what clients make up is in none', async (t) => {
  const { proxy, ask } = await scene(t, { decide: () => 'pass', ...admin });
  for (const made of ['/a', '/b', '/iot/%2e', '/iot?q=made-up']) await ask({ path: made });
  const { text } = await look(`${proxy.admin}/metrics`);
  const series = text.split('\n').filter((line) => line.startsWith('mtls_proxy_requests_total{'));
  t.ok(series.length <= 3, series.join('\n'));
  t.notMatch(text, /made-up|\/a|%2e/);
});

t.test('the guard is before it, and it takes GET and HEAD only', async (t) => {
  const { proxy } = await scene(t, { decide: () => 'pass', ...admin });
  t.match(await look(`${proxy.admin}/metrics`, { headers: { Host: 'evil.example' } }), { status: 403 });
  t.match(await look(`${proxy.admin}/healthz`, { headers: { Origin: 'https://evil.example' } }), { status: 403 });
  t.match(await look(`${proxy.admin}/healthz`, { method: 'POST', body: 'x' }), { status: 405 });
  t.match(await look(`${proxy.admin}/healthz`, { method: 'HEAD' }), { status: 200, text: '' });
  t.match(await look(`${proxy.admin}/iot/x`), { status: 404 });
  const wire = await rawRequest(t, Number(new URL(proxy.admin).port), 'GET /healthz HTTP/1.1\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 400 .*\r\nContent-Type: application\/problem\+json\r\n/s);
});
