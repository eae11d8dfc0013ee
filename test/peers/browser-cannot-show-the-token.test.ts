import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { join } from '../fixtures/pair.ts';
import type { Attempt } from '../fixtures/web/attempts.ts';
import { make } from '../fixtures/web/make.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWebUpstream } from '../fixtures/web/upstream.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const token = 'known-to-the-page';
const site = await startSite(t);
const app = `http://app.example:${site.port}`;
const up = await startWebUpstream(t);
const { proxy } = await join(t, up, {
  route: { match: { path: '/' } },
  config: { guard: { token, origins: [app] } },
});
const browser = await startBrowser(t, { names: ['*.example'] });

/** What a page can do with a token that it knows. */
const shown: readonly Attempt[] = Object.entries({
  'fetch: field': `fetch(url, { headers: { 'Proxy-Authorization': 'Bearer ${token}' } })`,
  'fetch: field, no-cors': `fetch(url, { mode: 'no-cors', headers: { 'Proxy-Authorization': 'Bearer ${token}' } })`,
  'fetch: POST': `fetch(url, { method: 'POST', body: 'x', headers: new Headers([['proxy-authorization', 'Bearer ${token}']]) })`,
  'XMLHttpRequest: field': `((request) => {
    request.open('GET', url);
    request.setRequestHeader('Proxy-Authorization', 'Bearer ${token}');
    request.send();
  })(new XMLHttpRequest())`,
  'XMLHttpRequest: user': `((request) => (request.open('GET', url, true, 'Bearer', '${token}'), request.send()))(new XMLHttpRequest())`,
  'window.open: user': `void window.open(url.replace('//', '//Bearer:${token}@'))`,
  'WebSocket: protocol': `new WebSocket(url.replace('http', 'ws'), ['Bearer', '${token}'])`,
}).map(([name, code]) => ({ name, code }));

t.test('E9 a page cannot show the token, not even a listed one that knows it', async (t) => {
  for (const [home, refused] of [
    [app, 407],
    [`http://evil.example:${site.port}`, 403],
  ] as const) {
    const wire = await startWiretap(t, proxy.port);
    const { page } = await browser.open(`${home}/`);
    const places = { target: `http://localhost:${wire.port}/shown`, home, wire };
    for (const { attempt, exchange } of await make(shown, page.mainFrame(), places)) {
      t.equal(exchange?.status, refused, attempt.name);
      t.equal(exchange?.fields['proxy-authorization'], undefined, attempt.name);
    }
    await page.context().close();
  }
  t.equal(up.accepted, 0);
});
