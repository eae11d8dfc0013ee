import { readFileSync } from 'node:fs';
import { documentation } from '../../errors.ts';
import { packageFile } from '../../installation.ts';
import { type HealthState, healthStates } from '../health.ts';
import type { Status } from '../status.ts';
import { stateNames } from './badge.ts';
import { html, type Markup } from './markup.ts';
import { overview } from './overview.ts';
import { routeSection } from './route.ts';
import { many, moment, span } from './words.ts';

export { style } from './style.ts';

/** What keeps the page up to date, for browsers that run scripts; compiled by itself. */
export const script: string = readFileSync(packageFile('dist/src/admin/page/client/client.js'), 'utf8');

/** The page's icon. */
export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2f5d8a"/><path d="M3.5 6h7M8 3.5L10.5 6 8 8.5M12.5 10h-7M8 7.5L5.5 10 8 12.5" fill="none" stroke="#fff" stroke-width="1.4"/></svg>';

/** The status page, whole, as of the status' time. It needs no script to be read. */
export function renderPage(status: Status): string {
  const { now, routes } = status;
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary(status)} – mtls-proxy</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the routes</a>
<header class="top">
<h1>mtls-proxy</h1>
<div class="state" id="state" data-generation="${status.generation}" data-refused="${refusedAt(status)}">${readiness(status)}<p class="quiet">As of <time datetime="${now}">${now.slice(0, 19).replace('T', ' ')}</time> UTC</p></div>
<div class="live" id="live">Reload the page to see newer figures</div>
</header>
<p class="news" id="news" role="status" aria-live="polite"></p>
<main id="main" tabindex="-1">
${refused(status)}
<section aria-labelledby="routes">
<h2 id="routes">${many(routes.length, 'route')} <span class="quiet">${breakdown(status)}</span></h2>
${overview(routes)}
</section>
<h2 class="unseen">Each route</h2>
${routes.map((route) => routeSection(route, now))}
</main>
<footer>
<div id="about">${about(status)}</div>
<nav aria-label="More"><ul><li><a href="status">Status as JSON</a></li><li><a href="metrics">Metrics</a></li><li><a href="readyz">Readiness</a></li><li><a href="${documentation}admin.md">About this page</a></li></ul></nav>
</footer>
</body>
</html>`}\n`;
}

/** How many routes are in each state that needs a look. */
function counts({ routes }: Status): (readonly [HealthState, number])[] {
  return healthStates
    .map((state) => [state, routes.filter(({ health }) => health.state === state).length] as const)
    .filter(([, count]) => count > 0);
}

function summary(status: Status): string {
  const trouble = counts(status).filter(([state]) => state !== 'ok' && state !== 'unused');
  if (refusedAt(status) !== '') return 'Configuration not taken';
  if (trouble.length === 0) return status.ready ? 'All well' : 'Not ready';
  return trouble.map(([state, count]) => `${count} ${stateNames[state].toLowerCase()}`).join(', ');
}

function breakdown(status: Status): string {
  return counts(status)
    .map(([state, count]) => `${count} ${state === 'ok' ? 'OK' : stateNames[state].toLowerCase()}`)
    .join(', ');
}

/** When a new configuration was refused, if that was the last one. */
function refusedAt({ reload }: Status): string {
  return reload?.outcome === 'failed' ? reload.at : '';
}

function refused({ reload, generation, now }: Status): Markup | false {
  if (reload?.outcome !== 'failed') return false;
  const problems = reload.problems.map((problem) => html`<li class="name">${problem}</li>`);
  return html`<section class="finding failing" aria-labelledby="refused"><h2 id="refused">The new configuration was not taken</h2><p>It was read ${moment(reload.at, now)}; generation ${generation} goes on.</p><ul>${problems}</ul><p><strong>Next:</strong> mend this and save the file, or send SIGHUP; <code>mtls-proxy check</code> shows each problem in its line.</p></section>`;
}

function readiness({ ready, notReady }: Status): Markup {
  if (ready) return html`<p class="ready">Ready</p>`;
  return html`<p class="ready not"><strong>Not ready:</strong> ${notReady.join('; ')}</p>`;
}

function about(status: Status): Markup {
  const { version, node, openssl, generation, started, now, uptimeSeconds, listeners, unroutedRequests } = status;
  const facts: readonly (readonly [string, Markup | string])[] = [
    ['Version', version],
    ['Runs since', html`${moment(started, now)} (${span(uptimeSeconds * 1000)})`],
    ['Configuration', `generation ${generation}`],
    [
      'Listens on',
      html`${listeners.map(({ address, admin }) => html`<span class="name">${address}</span>${admin ? ' (this page) ' : ' '}`)}`,
    ],
    ['Requests without a route', unroutedRequests.toLocaleString('en')],
    ['Node', `${node}, OpenSSL ${openssl}`],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
