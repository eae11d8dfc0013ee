import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { join } from '../fixtures/pair.ts';
import { attempts } from '../fixtures/web/attempts.ts';
import { make } from '../fixtures/web/make.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWebUpstream } from '../fixtures/web/upstream.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const site = await startSite(t);
const evil = `http://evil.example:${site.port}`;
const up = await startWebUpstream(t);
const { proxy } = await join(t, up, { route: { match: { path: '/' } } });
const browser = await startBrowser(t, { names: ['evil.example'] });

t.test('E2 what a user types is let in, and the page that comes is the proxy’s own', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const own = `http://localhost:${wire.port}`;
  const { page } = await browser.open(`${own}/page`);
  t.match(wire.exchanges.at(0), {
    target: '/page',
    status: 200,
    fields: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
  });
  const wanted = attempts
    .filter(({ name, needs }) => needs !== 'secure' && !/redirected|sandboxed|data:|Link|Refresh|report/i.test(name))
    .map(({ forbidden: _, ...attempt }) => attempt);
  t.ok(wanted.length > 55);
  for (const { attempt, exchange } of await make(wanted, page.mainFrame(), { target: `${own}/own`, home: own, wire })) {
    t.match(String(exchange?.status), /^(200|101)$/, attempt.name);
  }
  await page.context().close();
});

t.test('E2 what a page began is still its own when the user reloads it or comes back', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const { page } = await browser.open(`${evil}/`);
  const before = up.requests.length;
  const next = (from: number) => wire.exchanges.first(({ target }) => target === '/begun', from);
  await page.evaluate(`void (location = 'http://localhost:${wire.port}/begun')`);
  await page.waitForURL('**/begun');
  t.match(await next(0), { status: 403, fields: { 'sec-fetch-site': 'cross-site' } });
  for (const again of [() => page.reload(), () => page.goBack().then(() => page.goForward())]) {
    const from = wire.exchanges.length;
    await again();
    t.match(await next(from), { status: 403, fields: { 'sec-fetch-site': 'cross-site' } });
  }
  t.equal(up.requests.length, before);
  await page.context().close();
});

// As cookies of SameSite=Strict are sent then, too. The site learns nothing, and can send no more than the address.
t.test('E2 a site that the user went to by its address can lead on to the proxy, by a GET only', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const { page } = await browser.open();
  for (const status of [301, 302, 303, 307, 308]) {
    const target = `/led/${status}`;
    await page.goto(`${evil}/redirect/${status}?${encodeURIComponent(`http://localhost:${wire.port}${target}`)}`);
    t.match(await wire.exchanges.first((exchange) => exchange.target === target), {
      method: 'GET',
      status: 200,
      fields: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
    });
  }
  await page.context().close();
});
