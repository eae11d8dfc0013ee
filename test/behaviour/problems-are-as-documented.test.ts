import t from 'tap';
import type { Attempt } from '../../src/errors.ts';
import { check } from '../fixtures/checking.ts';
import { send } from '../fixtures/client.ts';
import { readDocument, sectionOf } from '../fixtures/documents.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { configFile } from '../fixtures/probing.ts';
import { oneRoute, runCommand, runProxy } from '../fixtures/proxy.ts';
import { scenes } from '../fixtures/searched-messages.ts';

const pki = await makePki();
const messages = sectionOf(readDocument('docs/problems.md'), 'Error messages');

/** The item of a section with that label. */
const itemOf = (section: string, label: string): string =>
  section.split('\n').find((line) => line.startsWith(`- ${label}: `)) ?? '';
const quotesIn = (text: string): string[] => [...text.matchAll(/“(.+?)”/g)].map(([, quote = '']) => quote);
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ');

for (const [heading, stage] of Object.entries(scenes)) {
  t.test(`docs/problems.md: ${heading}`, async (t) => {
    const section = sectionOf(messages, heading);
    const { upstream, tls, route, files = {} } = await stage(t, pki);
    const config = oneRoute(upstream ?? 'https://127.0.0.1:1', tls, route);
    if (upstream === undefined) {
      const { code, found } = await check(t, config, { ...pkiFiles(pki), ...files });
      t.equal(code, 2);
      const quotes = quotesIn(itemOf(section, 'Check'));
      t.ok(quotes.length > 0);
      for (const quote of quotes)
        t.ok(
          found.some(({ message }) => message.includes(quote)),
          quote,
        );
      return;
    }
    const proxy = await runProxy(t, { config, files: pkiFiles(pki) });
    const { cause, detail, attempts } = (await send(`${proxy.url}/iot`)).json<{
      cause: string;
      detail: string;
      attempts: readonly Attempt[];
    }>();
    const here = itemOf(section, 'Here');
    const [, named, outcome, alert, code] =
      /^- Here: cause \[(.+?)\]\(#\1\), outcome `([\w-]+)`(?: (\d+))?(?:, code `(\w+)`)?: “/.exec(here) ?? [];
    t.equal(cause, named);
    t.match(await proxy.log.next('request'), { cause: named, detail });
    const wanted = { outcome, ...(alert && { alert: Number(alert) }), ...(code && { code }) };
    t.match(attempts.at(-1), wanted);
    for (const quote of quotesIn(here)) t.ok(detail.includes(quote), `${quote}: ${detail}`);

    const file = await configFile(t, pki, config);
    const printed = inOneLine((await runCommand(['probe', 'iot', '--config', file])).stdout);
    const quotes = quotesIn(itemOf(section, 'Probe'));
    t.ok(quotes.length > 0);
    for (const quote of quotes) t.ok(printed.includes(quote), `${quote}: ${printed}`);
  });
}
