import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { startPair } from '../fixtures/pair.ts';
import { attempts } from '../fixtures/web/attempts.ts';
import { make } from '../fixtures/web/make.ts';
import { startSite } from '../fixtures/web/site.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

const { up, proxy } = await startPair(t, { route: { match: { path: '/' } } });
const site = await startSite(t);
// Every name of these leads to 127.0.0.1, whatever a resolver would say of it.
const names = ['rebind.example', 'evil.example', 'sub.localhost', 'localhost.', '0.0.0.0'];
const browser = await startBrowser(t, { names });

t.test('E1 a page whose name leads to the proxy since it was loaded gets 403 for all that it tries', async (t) => {
  // As if the name's address had changed: first its own server is there, and then the proxy.
  const wire = await startWiretap(t, site.port);
  const home = `http://rebind.example:${wire.port}`;
  const { page } = await browser.open(`${home}/`);
  t.equal(await page.title(), 'a page');
  wire.leadTo(proxy.port);
  const before = wire.exchanges.length;

  const wanted = attempts
    .filter(({ name, needs, window }) => needs !== 'secure' && (!window || /^(form|window\.open$)/.test(name)))
    // In its own origin nothing is forbidden.
    .map(({ forbidden: _, ...attempt }) => attempt);
  const places = { target: `${home}/from`, home: `http://evil.example:${site.port}`, wire };
  for (const { attempt, exchange } of await make(wanted, page.mainFrame(), places)) {
    t.match(exchange, { status: 403, fields: { host: `rebind.example:${wire.port}` } }, attempt.name);
  }
  const after = wire.exchanges.all().slice(before);
  t.ok(after.length >= wanted.length);
  for (const { answer } of after) t.notOk(Object.keys(answer).some((field) => field.startsWith('access-control-')));
  const silent = after.filter(({ fields }) => fields['origin'] === undefined && fields['sec-fetch-site'] === undefined);
  t.ok(silent.length > 25, 'of most requests only the Host tells');
  t.ok(silent.some(({ method }) => method === 'GET'));
  t.equal(up.accepted, 0);
  await page.context().close();
});

t.test('E1 names that only look like this machine’s are 403 in the address bar, too', async (t) => {
  const wire = await startWiretap(t, proxy.port);
  const { page } = await browser.open();
  for (const name of names) {
    const from = wire.exchanges.length;
    await page.goto(`http://${name}:${wire.port}/typed`);
    t.match(await wire.exchanges.first(undefined, from), { target: '/typed', status: 403 }, name);
  }
  t.equal(up.accepted, 0);
});

t.test('E1 all of it is in the log as refused by the guard', async (t) => {
  await proxy.stop();
  const lines = proxy.log.all('request');
  t.ok(lines.length > 65);
  t.same(
    lines.filter(({ status, cause }) => status !== 403 || cause !== 'guard'),
    [],
  );
});
