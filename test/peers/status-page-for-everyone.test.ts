import axe from 'axe-core';
import type { Page } from 'playwright-core';
import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { intolerant } from '../fixtures/ladder.ts';
import { replaceFiles } from '../fixtures/reload.ts';
import { startStatusScene, statusRoutes } from '../fixtures/status-scene.ts';

const browser = await startBrowser(t);

/** Waits until the text of an element matches. */
const reads = (page: Page, selector: string, text: RegExp) =>
  page.locator(selector, { hasText: text }).first().waitFor();

const stateOf = (page: Page, route: string) => page.locator(`#route-${route} .badge`).first().textContent();

t.test('contrast, names and roles are right, in both colour schemes, narrow and wide', async (t) => {
  const { proxy, ask, decide } = await startStatusScene(t);
  for (const route of ['billing', 'payments', 'partners']) await ask(route);
  decide(intolerant);
  await ask('meters');
  await replaceFiles(proxy.directory, { 'proxy.yaml': 'routs: []\n' });
  await proxy.log.next('reload');
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [400, 1280]) {
      const { page } = await browser.open(proxy.admin, { colorScheme, viewport: { width, height: 900 } });
      await reads(page, '#live', /Live/);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await page.evaluate(axe.source);
      const { violations, passes } = (await page.evaluate('axe.run()')) as axe.AxeResults;
      t.ok(
        passes.some(({ id, nodes }) => id === 'color-contrast' && nodes.length > 50),
        'it was looked at',
      );
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      t.same(told, [], `${colorScheme}, ${width} pixels`);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      t.equal(overflow, 0, `nothing hangs over the edge at ${width} pixels`);
    }
  }
});

t.test('all of it can be reached and used with the keyboard alone', async (t) => {
  const { proxy, ask } = await startStatusScene(t);
  await ask('billing');
  const { page } = await browser.open(proxy.admin);
  await reads(page, '#live', /Live/);
  const focused = () => page.evaluate('document.activeElement.textContent') as Promise<string>;
  const press = async (key: string): Promise<string> => {
    await page.keyboard.press(key);
    return focused();
  };
  t.equal(await press('Tab'), 'Skip to the routes');
  t.ok(await page.locator('.skip').isVisible());
  t.equal(await press('Tab'), 'Pause');
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
  t.equal(outline, 'solid', 'the focus is to be seen');
  await press('Space');
  t.equal(await page.locator('#live button').getAttribute('aria-pressed'), 'true');
  await reads(page, '#live', /Paused/);
  await ask('archive');
  t.equal(await stateOf(page, 'archive'), 'Not used yet', 'while it is paused nothing changes');
  await press('Enter');
  await reads(page, '#news', /archive: OK/);

  await press('Shift+Tab');
  await press('Enter');
  t.equal(await page.evaluate('document.activeElement.id'), 'main');
  const names = [...statusRoutes].sort();
  const inTable = [];
  for (const _ of names) inTable.push(await press('Tab'));
  t.same([...inTable].sort(), names, 'each route of the table');
  await page.locator('#handshakes-billing summary').focus();
  await press('Enter');
  t.equal(await page.locator('#handshakes-billing').getAttribute('open'), '');
});
