import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { ask, pass, scene } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { look, routeOf } from '../../fixtures/status.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const config = { admin: '127.0.0.1:0' };

t.test('every answer of the admin listener says what a browser may do with it', async (t) => {
  const { proxy } = await scene(t, { decide: pass, config });
  for (const [path, type, status = 200] of [
    ['/', 'text/html; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
    ['/status', 'application/json'],
    ['/metrics', /^text\/plain; version=0\.0\.4/],
    ['/healthz', 'text/plain; charset=utf-8'],
    ['/readyz', 'text/plain; charset=utf-8'],
    ['/nowhere', 'application/problem+json', 404],
  ] as const) {
    const reply = await send(`${proxy.admin}${path}`);
    t.equal(reply.status, status, path);
    t.match(reply.headers['content-type'], type, path);
    const policy = String(reply.headers['content-security-policy']);
    t.match(policy, /^default-src 'none';/, path);
    t.match(policy, "frame-ancestors 'none'");
    t.notMatch(policy, /unsafe|\*|https?:|data:/);
    t.match(
      reply.headers,
      {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      },
      path,
    );
  }
});

t.test('only GET and HEAD, and only from this machine’s own pages', async (t) => {
  const { proxy } = await scene(t, { decide: pass, config });
  const refused = await send(`${proxy.admin}/`, { method: 'POST', body: 'x' });
  t.match([refused.status, refused.headers['allow']], [405, 'GET, HEAD']);
  const head = await send(`${proxy.admin}/`, { method: 'HEAD' });
  t.match([head.status, head.body.length, head.headers['content-type']], [200, 0, 'text/html; charset=utf-8']);
  for (const headers of [
    { Origin: 'https://evil.example' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { Host: 'evil.example' },
  ]) {
    for (const path of ['/', '/status', '/page.js'])
      t.equal((await send(`${proxy.admin}${path}`, { headers })).status, 403);
  }
});

t.test('what a server writes into its certificate is no markup', async (t) => {
  const { ca } = await makePki();
  const pki = await makePki();
  const name = '<script>alert(1)</script>"\'&';
  const server = await pki.ca.issue({ name });
  const up = await startUpstream(t, { cert: server.chain, key: server.key });
  const proxy = await runProxy(t, { config: { ...oneRoute(up.url), ...config }, files: pkiFiles(pki) });
  await ask(proxy);
  const { certificates } = routeOf(await look(proxy.admin));
  t.match(certificates.find(({ kind }) => kind === 'server')?.subject, /<script.*script.*"'&$/);
  const page = (await send(`${proxy.admin}/`)).text();
  t.notMatch(page, /<script\\?>/);
  t.match(page, /&lt;script.*&quot;&#39;&amp;<\/span>/);

  // A server that is not trusted names itself in the failure's sentence.
  const stranger = await ca.issue({ name, names: [`${'a'.repeat(10)}.example`] });
  const other = await startUpstream(t, { cert: stranger.chain, key: stranger.key });
  const failing = await runProxy(t, { config: { ...oneRoute(other.url), ...config }, files: pkiFiles(pki) });
  t.equal((await ask(failing)).reply.status, 502);
  const told = (await send(`${failing.admin}/`)).text();
  t.match(told, 'Failing');
  t.notMatch(told, /<script\\?>/);
});
