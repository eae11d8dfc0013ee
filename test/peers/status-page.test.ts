import type { Page } from 'playwright-core';
import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { intolerant, pass } from '../fixtures/ladder.ts';
import { replaceFiles } from '../fixtures/reload.ts';
import { startStatusScene, statusRoutes } from '../fixtures/status-scene.ts';

const browser = await startBrowser(t);

/** Waits until the text of an element matches. */
const reads = (page: Page, selector: string, text: RegExp) =>
  page.locator(selector, { hasText: text }).first().waitFor();

const stateOf = (page: Page, route: string) => page.locator(`#route-${route} .badge`).first().textContent();

t.test('the page changes as soon as a route falls back and recovers, without being loaded again', async (t) => {
  const { proxy, ask, decide } = await startStatusScene(t);
  await ask('meters');
  const { page, errors, requests } = await browser.open(proxy.admin);
  t.equal(await stateOf(page, 'meters'), 'OK');
  t.equal(await page.title(), '1 certificate ending – mtls-proxy');
  await page.evaluate('window.sameDocument = true');
  const details = page.locator('#handshakes-meters');
  await details.locator('summary').click();
  await details.locator('summary').focus();

  decide(intolerant);
  await ask('meters');
  await reads(page, '#news', /meters: Fallen back \(was: OK\)/);
  t.equal(await page.locator('#news').getAttribute('role'), 'status', 'a screen reader says it');
  t.equal(await stateOf(page, 'meters'), 'Fallen back');
  t.match(
    await page.locator('#route-meters .finding').textContent(),
    /Fallen back from .* to TLSv1\.2.*Next: .*versions: \[TLSv1\.2\]/,
  );
  t.match(await page.locator('#row-meters').textContent(), /Fallen back/);
  t.equal(await page.locator('.overview tbody tr').first().getAttribute('id'), 'row-meters', 'trouble first');
  t.match(await page.locator('#route-meters .ladder .current').textContent(), 'TLSv1.2 in use for now');
  t.equal(await page.title(), '1 fallen back, 1 certificate ending – mtls-proxy');
  t.equal(await details.getAttribute('open'), '', 'what was opened stays open');
  t.ok(
    await page.evaluate('document.activeElement.matches("#handshakes-meters summary")'),
    'and what has the focus keeps it',
  );

  decide(pass);
  await proxy.log.next('recovered');
  await reads(page, '#news', /meters: OK \(was: Fallen back\)/);
  t.equal(await page.evaluate('window.sameDocument'), true);
  t.same(errors.all(), [], 'nothing that the policy forbids was tried');
  const elsewhere = requests.all().filter(({ url }) => !url.startsWith(proxy.admin));
  t.same(elsewhere, [], 'nothing came from elsewhere');
});

t.test('the page tells a reload, one that was refused, and the end of the proxy', async (t) => {
  const { proxy, configuration } = await startStatusScene(t);
  const { page } = await browser.open(proxy.admin);
  await reads(page, '#about', /generation 1/);
  await replaceFiles(proxy.directory, { 'proxy.yaml': configuration(['archive']) });
  await reads(page, '#news', /Configuration reloaded, generation 2.*archive is gone/);
  await reads(page, '#about', /generation 2/);
  t.equal(await page.locator('#route-archive').count(), 0);

  await replaceFiles(proxy.directory, { 'proxy.yaml': 'listen: 127.0.0.1:0\nrouts: []\n' });
  await reads(page, '#news', /The new configuration was not taken/);
  await reads(page, '#main', /generation 2 goes on\..*:2:1: unknown key "routs"/s);
  t.equal(await page.title(), 'Configuration not taken – mtls-proxy');
  await replaceFiles(proxy.directory, { 'proxy.yaml': configuration([]) });
  await reads(page, '#news', /generation 3.*archive is new: Not used yet/);

  await proxy.stop();
  await reads(page, '#live', /No answer/);
  await reads(page, '#news', /No answer from the proxy .*; what is shown is old\./);
});

t.test('without scripts all of it is there to be read', async (t) => {
  const { proxy, ask } = await startStatusScene(t);
  for (const route of ['billing', 'payments', 'partners']) await ask(route);
  const { page, requests, errors } = await browser.open(proxy.admin, { javaScriptEnabled: false });
  const text = await page.locator('body').innerText();
  for (const name of statusRoutes) t.match(text, name);
  for (const state of ['Failing', 'Certificate ending', 'Not used yet', 'OK']) t.match(text, state);
  t.match(text, /Next: It ended the connection right after our certificate; use a certificate it accepts/);
  t.match(text, 'Reload the page to see newer figures');
  t.match(text, /12 days left, until \d{4}-/);
  t.match(text, '1 request since the start');
  await page.locator('#handshakes-billing summary').click();
  t.match(await page.locator('#handshakes-billing').innerText(), /TLSv1\.3/);
  t.notOk(requests.all().some(({ kind }) => kind === 'fetch'));
  t.same(errors.all(), []);
});

t.test('what a server writes into its certificate does nothing in a browser', async (t) => {
  const hostile = '<img src=x onerror=document.title=1><script>document.title=2</script>';
  const { proxy, ask } = await startStatusScene(t, { serverName: hostile });
  await ask('billing');
  const { page, requests, errors } = await browser.open(proxy.admin);
  await reads(page, '#live', /Live/);
  t.match(await page.locator('#route-billing .certificates').textContent(), /img src=x onerror/);
  const loaded = requests.length;
  // The script takes it over as well.
  await requests.first(({ kind }) => kind === 'fetch', loaded);
  await page.locator('#route-billing .certificates', { hasText: /img src=x/ }).waitFor();
  t.equal(await page.title(), '1 certificate ending – mtls-proxy');
  t.equal(await page.locator('#main img, #main script').count(), 0);
  t.same(errors.all(), []);
});
