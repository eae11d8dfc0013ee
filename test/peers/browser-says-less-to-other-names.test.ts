import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { join } from '../fixtures/pair.ts';
import { attempts } from '../fixtures/web/attempts.ts';
import { make } from '../fixtures/web/make.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWebUpstream } from '../fixtures/web/upstream.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const site = await startSite(t);
const browser = await startBrowser(t, { names: ['*.example'] });
const embeddable = attempts.filter(({ needs, window, forbidden }) => needs === undefined && !window && !forbidden);

/** Makes attempts from a page of another site on a proxy that is called by a name of `guard.hosts`. */
async function attack(guard: object, wanted = embeddable) {
  const up = await startWebUpstream(t);
  const { proxy } = await join(t, up, { route: { match: { path: '/' } }, config: { guard } });
  const wire = await startWiretap(t, proxy.port);
  const { page } = await browser.open(`http://evil.example:${site.port}/`);
  const places = { target: `http://proxy.example:${wire.port}/from`, home: `http://evil.example:${site.port}`, wire };
  const made = await make(wanted, page.mainFrame(), places);
  await page.context().close();
  return { up, made };
}

// Browsers send Sec-Fetch-Site to https and to this machine's own names only, and no Origin with a GET out of CORS. What is
// left is like a program's, but for a Referer that pages can leave out.
t.test('E2 by a name that is not this machine’s, a page’s plain GET cannot be told, and all else is 403', async (t) => {
  const { made } = await attack({ hosts: ['proxy.example'] });
  t.ok(made.length > 55);
  for (const { attempt, exchange } of made) {
    t.equal(exchange?.fields['sec-fetch-site'], undefined, attempt.name);
    const isPlain = /^(GET|HEAD)$/.test(exchange?.method ?? '') && exchange?.fields['origin'] === undefined;
    t.equal(exchange?.status, isPlain ? 200 : 403, attempt.name);
  }
});

t.test('E9 a token keeps that out, too', async (t) => {
  const some = embeddable.filter(({ name }) => /^(fetch|img|script|iframe|form|WebSocket)/.test(name));
  const { up, made } = await attack({ hosts: ['proxy.example'], token: 'none-of-the-pages' }, some);
  t.ok(made.length > 20);
  for (const { attempt, exchange } of made) t.match(String(exchange?.status), /^40[37]$/, attempt.name);
  t.equal(up.accepted, 0);
});
