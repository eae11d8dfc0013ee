import type { Frame } from 'playwright-core';
import t, { type Test } from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { join, pki } from '../fixtures/pair.ts';
import { type Attempt, attempts } from '../fixtures/web/attempts.ts';
import { make } from '../fixtures/web/make.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWebUpstream } from '../fixtures/web/upstream.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const certificate = await pki.ca.issue({ name: 'app.example', names: ['app.example'] });
const site = await startSite(t);
const other = await startSite(t);
// By its usual policy a page of https says nothing of itself to http, save in CORS.
const tls = await startSite(t, certificate, { 'Referrer-Policy': 'origin' });
const app = `http://app.example:${site.port}`;
const secureApp = `https://app.example:${tls.port}`;
const up = await startWebUpstream(t);
const { proxy } = await join(t, up, {
  route: { match: { path: '/' } },
  config: { guard: { origins: [app, secureApp] } },
});
const trusted = `--ignore-certificate-errors-spki-list=${certificate.spkiPin.slice('sha256/'.length)}`;
const browser = await startBrowser(t, { names: ['*.example'], args: [trusted] });

/** What comes without the origin of the page, and without a Referer: by its author's wish, or by the browser's rules. */
const anonymous = new Set([
  'fetch: without a Referer',
  'window.open: noreferrer',
  'a click: noreferrer',
  'fetch: POST redirected by 307',
  'sendBeacon: redirected by 307',
  'form: POST redirected by 307',
  'form: POST redirected by 308',
  'importScripts',
  'fetch of a worker',
  'fetch of a shared worker',
  'location of a blob: window',
  'img in a sandboxed iframe',
  'img in a data: iframe',
  'background fetch: same-origin',
  'background fetch: redirected',
  'an identity provider',
  'a payment method',
]);

/** What Chromium sends from a page of https to nothing but https, or without regard to the page's policy. */
const leaves = new Set(['img redirected', 'url() in CSS']);

for (const home of [app, secureApp]) {
  t.test(`E2 what a listed page, ${new URL(home).protocol}, sends in its own name reaches the upstream`, async (t) => {
    const wire = await startWiretap(t, proxy.port);
    const { page } = await browser.open(`${home}/`);
    const isSecure = home === secureApp;
    const wanted = attempts.filter(({ name, needs, window, forbidden }) => {
      if (forbidden) return false;
      return isSecure ? !leaves.has(name) && (!window || name.startsWith('window.open')) : needs !== 'secure';
    });
    t.ok(wanted.length > 65);
    const target = `http://localhost:${wire.port}/${isSecure ? 'https' : 'http'}`;
    for (const { attempt, exchange } of await make(wanted, page.mainFrame(), { target, home, wire })) {
      if (anonymous.has(attempt.name)) {
        t.equal(exchange?.status, 403, attempt.name);
      } else {
        t.match(String(exchange?.status), /^(200|204|101)$/, attempt.name);
        t.ok(up.requests.all().some((request) => request.target === exchange?.target));
      }
    }
    await page.context().close();
  });
}

t.test('E2 E4 a listed page reads what the upstream lets it read', async (t) => {
  const { page } = await browser.open(`${app}/`);
  const url = JSON.stringify(`http://127.0.0.1:${proxy.port}/read`);
  const json = `{ method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json', 'X-Own': '1' } }`;
  t.equal(await page.evaluate(`fetch(${url}).then((answer) => answer.text())`), 'an answer');
  t.equal(await page.evaluate(`fetch(${url}, ${json}).then((answer) => answer.text())`), 'an answer');
  const heard = (source: string): string =>
    `new Promise((done, fail) => Object.assign(${source}, { onmessage: ({ data }) => done(data), onerror: fail }))`;
  t.equal(await page.evaluate(heard(`new WebSocket(${url}.replace('http', 'ws'))`)), 'hello');
  t.equal(await page.evaluate(heard(`new EventSource(${url})`)), 'hello');
  t.same(
    up.requests
      .all()
      .filter(({ target }) => target === '/read')
      .map(({ method }) => method),
    ['GET', 'OPTIONS', 'POST', 'GET', 'GET'],
    'a preflight is the upstream’s to answer',
  );
  await page.context().close();
});

const some: readonly Attempt[] = attempts.filter(({ name }) =>
  [
    'fetch: simple',
    'fetch: no-cors',
    'fetch: POST of JSON, so with a preflight',
    'WebSocket',
    'EventSource',
    'img',
    'form: POST into a frame',
    'form: GET into a frame',
  ].includes(name),
);

/** Makes some attempts in a document that is not the listed page. */
async function refuses(t: Test, document: Frame, home: string): Promise<void> {
  const before = up.requests.length;
  const wire = await startWiretap(t, proxy.port);
  const target = `http://localhost:${wire.port}/refused`;
  const made = await make(some, document, { target, home, wire });
  t.equal(made.length, some.length);
  for (const { attempt, exchange } of made) t.equal(exchange?.status, 403, attempt.name);
  t.equal(up.requests.length, before);
  await document.page().context().close();
}

t.test('E2 a listed origin lets none of its neighbours in', async (t) => {
  const tlsPort = new URL(secureApp).port;
  for (const home of [
    `http://app.example:${other.port}`,
    `http://sub.app.example:${site.port}`,
    `http://app.example.example:${site.port}`,
    `https://sub.app.example:${tlsPort}`,
  ]) {
    await t.test(home.replace(/:\d+$/, ''), async (t) => {
      const { page } = await browser.open(`${home}/`);
      await refuses(t, page.mainFrame(), home);
    });
  }
});

t.test('E2 what a listed page has in its frames is not that page', async (t) => {
  for (const attributes of [
    { src: '/', sandbox: 'allow-scripts allow-forms allow-popups' },
    { src: `http://evil.example:${other.port}/` },
  ]) {
    await t.test(JSON.stringify(Object.keys(attributes)), async (t) => {
      const { page } = await browser.open(`${app}/`);
      await page.evaluate(`void add('iframe', ${JSON.stringify(attributes)})`);
      const document = (await page.waitForSelector('iframe').then((element) => element.contentFrame())) as Frame;
      await document.waitForFunction('typeof add === "function"');
      await refuses(t, document, app);
    });
  }
});

// A Referer stays that of the page whose link it was. No more than that: what is no GET is null by then.
t.test('E2 a site that a listed page links to can lead on to the proxy, by a GET only', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const { page } = await browser.open(`${app}/`);
  const redirected = attempts.filter(({ name }) => /redirected/.test(name) && !name.startsWith('background'));
  const places = { target: `http://localhost:${wire.port}/led`, home: `http://evil.example:${other.port}`, wire };
  for (const { attempt, exchange } of await make(redirected, page.mainFrame(), places)) {
    t.equal(exchange?.status, exchange?.method === 'GET' ? 200 : 403, attempt.name);
  }
  await page.context().close();
});
