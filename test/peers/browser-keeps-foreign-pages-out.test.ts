import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Frame } from 'playwright-core';
import t from 'tap';
import { startBrowser } from '../fixtures/browser.ts';
import { pki, startPair } from '../fixtures/pair.ts';
import { type Attempt, attempts } from '../fixtures/web/attempts.ts';
import { type Made, make } from '../fixtures/web/make.ts';
import { page, startSite } from '../fixtures/web/site.ts';
import { startWiretap } from '../fixtures/web/wiretap.ts';

/** A document that is none of the proxy's. */
interface Foreign {
  readonly document: Frame;
  /** Its server, or where those without one redirect by. */
  readonly home: string;
  /** By which name it calls the proxy. */
  readonly host: string;
  /** What it has of what attempts need. */
  readonly has: readonly (string | undefined)[];
  /** What Chromium does not send from there. */
  readonly leaves?: readonly string[];
}

// Every path is the upstream's, so that whatever is let in arrives there.
const { up, proxy } = await startPair(t, { route: { match: { path: '/' } } });
const certificate = await pki.ca.issue({ name: 'evil.example', names: ['evil.example'] });
const site = await startSite(t);
const tls = await startSite(t, certificate);
const trusted = `--ignore-certificate-errors-spki-list=${certificate.spkiPin.slice('sha256/'.length)}`;
const browser = await startBrowser(t, { names: ['evil.example'], args: [trusted] });
const evil = `http://evil.example:${site.port}`;

async function open(home: string): Promise<Pick<Foreign, 'document' | 'home'>> {
  return { document: (await browser.open(`${home}/`)).page.mainFrame(), home };
}

/** A document in a frame of a page of another site. */
async function openFrame(attributes: object): Promise<Pick<Foreign, 'document' | 'home'>> {
  const { page } = await browser.open(`${evil}/`);
  await page.evaluate(`void add('iframe', ${JSON.stringify(attributes)})`);
  const document = (await page.waitForSelector('iframe').then((element) => element.contentFrame())) as Frame;
  await document.waitForFunction('typeof add === "function"');
  return { document, home: evil };
}

async function openFile(): Promise<Pick<Foreign, 'document' | 'home'>> {
  const directory = await mkdtemp(join(tmpdir(), 'page-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'page.html');
  await writeFile(file, page);
  return { document: (await browser.open(pathToFileURL(file).href)).page.mainFrame(), home: evil };
}

const web = { host: 'localhost', has: ['origin', 'window'] };
/** Windows that are opened from everywhere; the others, from pages that have `window`, are slow and show nothing else. */
const windows = ['window.open', 'form: POST into a window'];
const secure = { host: 'localhost', has: ['origin', 'secure'] };
const opaque = { host: 'localhost', has: [] };

const foreign: Readonly<Record<string, () => Promise<Foreign>>> = {
  'a page of another site': async () => ({ ...web, ...(await open(evil)) }),
  'a page of another site, by https': async () => ({
    ...secure,
    ...(await open(`https://evil.example:${tls.port}`)),
    host: '127.0.0.1',
    leaves: ['img redirected'], // to anything that is not https
  }),
  'a page of the same host, on another port': async () => ({
    ...secure,
    ...(await open(`http://localhost:${site.port}`)),
  }),
  'a page of the same address, on another port': async () => ({
    ...secure,
    ...(await open(`http://127.0.0.1:${site.port}`)),
    host: '127.0.0.1',
  }),
  'a sandboxed frame': async () => ({
    ...opaque,
    ...(await openFrame({ src: '/', sandbox: 'allow-scripts allow-forms allow-popups' })),
  }),
  'a data: frame': async () => ({
    ...opaque,
    ...(await openFrame({ src: `data:text/html,${encodeURIComponent(page)}` })),
  }),
  'a file': async () => ({ ...opaque, ...(await openFile()) }),
};

for (const [name, start] of Object.entries(foreign)) {
  t.test(`E1–E4 whatever ${name} tries, no request of it reaches an upstream`, async (t) => {
    const wire = await startWiretap(t, proxy.port);
    const { document, home, host, has, leaves = [] } = await start();
    const can = ({ name, needs, window }: Attempt): boolean =>
      (needs === undefined || has.includes(needs)) &&
      (!window || has.includes('window') || windows.includes(name)) &&
      !leaves.includes(name);
    const wanted = attempts.filter(can);
    t.ok(wanted.length > 55);

    const made = await make(wanted, document, { target: `http://${host}:${wire.port}/from`, home, wire });
    const refused = ({ exchange, said }: Made): boolean =>
      said === undefined ? exchange?.status === 403 : /^(SecurityError|TypeError: Failed to fetch)/.test(said);
    t.same(
      made.filter((one) => !refused(one)).map(({ attempt }) => attempt.name),
      [],
    );
    const exchanges = wire.exchanges.all();
    // Of what is shown of a refusal, nothing more is asked for.
    const asked = exchanges.map(({ target }) => target.replace(/^\/(from\/.*|\.well-known\/web-identity)$/, ''));
    t.same(new Set(asked), new Set(['']));
    t.same(
      exchanges.flatMap(({ answer }) => Object.keys(answer)).filter((field) => field.startsWith('access-control-')),
      [],
    );
    t.equal(up.accepted, 0);
    await document.page().context().close();
  });
}

t.test('E1–E4 all of it is in the log as refused by the guard', async (t) => {
  await proxy.stop();
  const lines = proxy.log.all('request');
  t.ok(lines.length > 400);
  t.same(
    lines.filter(({ status, cause }) => status !== 403 || cause !== 'guard'),
    [],
  );
  t.equal(up.accepted, 0);
});
