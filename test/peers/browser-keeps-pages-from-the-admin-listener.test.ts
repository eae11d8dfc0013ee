import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { join } from '../fixtures/pair.ts';
import { attempts } from '../fixtures/web/attempts.ts';
import { make } from '../fixtures/web/make.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWebUpstream } from '../fixtures/web/upstream.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const site = await startSite(t);
const up = await startWebUpstream(t);
const { proxy } = await join(t, up, { route: { match: { path: '/' } }, config: { admin: '127.0.0.1:0' } });
const port = Number(new URL(proxy.admin).port);
const browser = await startBrowser(t, { names: ['evil.example', 'rebind.example'] });

const pages = {
  'another site': `http://evil.example:${site.port}/`,
  'the same host, on another port': `http://localhost:${site.port}/`,
  // By the proxy comes what its upstreams send: that is for their routes, and not for here.
  'an upstream, by the proxy': `http://localhost:${proxy.port}/page`,
};

for (const [name, url] of Object.entries(pages)) {
  t.test(`E1–E4 a page of ${name} gets nothing from the admin listener`, async (t) => {
    const wire = await startWiretap(t, port);
    const { page } = await browser.open(url);
    const wanted = attempts.filter(({ name, needs, window, forbidden }) => {
      if (needs !== undefined || forbidden || /redirected|Link field|report/.test(name)) return false;
      return !window || name === 'window.open';
    });
    t.ok(wanted.length > 45);
    const places = { target: `http://localhost:${wire.port}/metrics`, home: new URL(url).origin, wire };
    for (const { attempt, exchange } of await make(wanted, page.mainFrame(), places)) {
      t.match(exchange, { status: 403, answer: { 'content-type': 'application/problem+json' } }, attempt.name);
    }
    for (const { target, answer } of wire.exchanges) {
      t.match(target, /^\/metrics\//);
      t.notOk(Object.keys(answer).some((field) => field.startsWith('access-control-')));
    }
    await page.context().close();
  });
}

t.test('E1 E10 the admin listener is for those who type its address, and by its own name', async (t) => {
  const { page } = await browser.open();
  for (const [path, text] of [
    ['/healthz', /^alive$/m],
    ['/readyz', /^ready$/m],
    ['/metrics', /^mtls_proxy_requests_total/m],
  ] as const) {
    const answer = await page.goto(`http://localhost:${port}${path}`);
    t.equal(answer?.status(), 200, path);
    t.match(await answer?.text(), text);
    t.equal((await page.goto(`http://rebind.example:${port}${path}`))?.status(), 403, path);
  }
  await page.context().close();
});
