/**
 * Writes docs/status-page.png: the status page of a proxy with a route in each state, after some minutes of requests.
 * `npm run screenshot` takes five minutes; `-- --seconds 20` is enough to look at the page, `-- --out FOLDER` writes it in
 * both colour schemes, narrow and wide, to a folder.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBrowser } from '../fixtures/browser.ts';
import { intolerant } from '../fixtures/ladder.ts';
import { shrink } from '../fixtures/png.ts';
import { type StatusScene, startStatusScene } from '../fixtures/status-scene.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, out: { type: 'string' } } });
const picture = fileURLToPath(new URL('../../../docs/status-page.png', import.meta.url));

/** Requests come and go in waves, with a fallback of `meters` half way. */
async function use({ ask, decide }: StatusScene, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  const half = end - seconds * 500;
  for (let n = 0; Date.now() < end; n += 1) {
    if (Date.now() > half) decide(intolerant);
    const busy = 3 + Math.round(3 * Math.sin(n / 40));
    await Promise.all(Array.from({ length: busy }, () => ask('billing')));
    if (n % 4 === 0) await ask('meters');
    if (n % 9 === 0) await ask('partners');
    if (n % 60 === 0) await ask('payments');
    await pause(150);
  }
}

const ends: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => ends.push(end) };
try {
  const scene = await startStatusScene(scope);
  await use(scene, Number(values.seconds ?? 300));
  const browser = await startBrowser(scope);
  const shoot = async (
    path: string,
    colorScheme: 'light' | 'dark',
    width: number,
    fullPage: boolean,
  ): Promise<void> => {
    const { page } = await browser.open(scene.proxy.admin, { colorScheme, viewport: { width, height: 900 } });
    await page.locator('#live', { hasText: 'Live' }).waitFor();
    await writeFile(path, shrink(await page.screenshot({ fullPage })));
    await page.close();
  };
  if (values.out === undefined) await shoot(picture, 'light', 1280, false);
  for (const scheme of values.out === undefined ? [] : (['light', 'dark'] as const)) {
    for (const width of [400, 1280])
      await shoot(join(values.out as string, `${scheme}-${width}.png`), scheme, width, true);
  }
} finally {
  for (const end of ends.reverse()) await end();
}
