import type { Finding } from '../health.ts';
import type { RouteStatus } from '../status.ts';
import { badge, stateNames } from './badge.ts';
import { certificates } from './certificates.ts';
import { handshakes, ladder } from './ladder.ts';
import { html, type Markup, prose } from './markup.ts';
import { latencyPlot, requestsPlot } from './plot.ts';
import { duration, many, moment, rate } from './words.ts';

/** Everything about one route, its troubles first. */
export function routeSection(route: RouteStatus, now: string): Markup {
  const { name, health } = route;
  return html`<section class="route ${health.state}" id="route-${name}" aria-labelledby="name-${name}" data-route="${name}" data-state="${stateNames[health.state]}">
<header><h3 id="name-${name}">${name}</h3>${badge(health.state)}<p class="way">${way(route)}</p></header>
${health.findings.map(finding)}
<div class="panels">
${panel('Requests', requests(route))}
${panel('Latency', latency(route))}
${panel('Ladder', ladder(route, now))}
${panel('Certificates', certificates(route, now))}
</div>
<div class="more">${connections(route)}${failure(route, now)}${handshakes(route, now)}</div>
</section>
`;
}

const panel = (heading: string, content: Markup): Markup =>
  html`<div class="panel"><h4>${heading}</h4>${content}</div>`;

function way({ match: { path, host, listen }, upstream, via }: RouteStatus): Markup {
  const from = [listen, host, path].filter((each) => each !== null);
  return html`<span class="name">${from.join(' ')}</span> to <span class="name">${upstream}</span>${via !== null && html` through <span class="name">${via}</span>`}`;
}

function finding({ state, text, next, help }: Finding): Markup {
  return html`<div class="finding ${state}"><p>${prose(text)}</p><p><strong>Next:</strong> ${prose(next)} <a href="${help}">More about this<span class="unseen">: ${stateNames[state]}</span></a></p></div>`;
}

function requests({ requests: status }: RouteStatus): Markup {
  const { slots, slotSeconds } = status;
  const failed = slots.failed.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...slots.requests) / slotSeconds;
  const told = failed === 0 ? 'none failed' : html`<span class="bad">${failed.toLocaleString('en')} failed</span>`;
  return html`<p><strong>${rate(status.perSecond)}/s</strong>, ${told} <span class="quiet">in 5 min</span></p>${requestsPlot(status)}${axis(`top ${rate(most)}/s`)}`;
}

function latency({ requests: status }: RouteStatus): Markup {
  const { p50, p95, slots } = status;
  const figures =
    p50 === null
      ? html`<p class="quiet">No request in 5 minutes</p>`
      : html`<p><strong>${duration(p50)}</strong> median, <strong>${duration(p95)}</strong> p95</p>`;
  const most = Math.max(0, ...slots.p95.map((value) => value ?? 0));
  return html`${figures}${latencyPlot(status)}${axis(`top ${duration(most)}, p95 dashed`)}`;
}

/** What stands below a drawing: its ends in time, and what its height stands for. */
const axis = (top: string): Markup =>
  html`<p class="axis"><span>5 min ago</span><span>${top}</span><span>now</span></p>`;

function connections({ pool: { idle, busy, dialing, waiting, max }, requests: { total } }: RouteStatus): Markup {
  const wait = waiting > 0 && html`, <span class="bad">${many(waiting, 'request')} waiting</span>`;
  return html`<p>${many(total, 'request')} since the start</p><p>Connections: ${busy} busy, ${idle} idle${dialing > 0 && `, ${dialing} being made`}${wait} <span class="quiet">(${max} at most)</span></p>`;
}

/** The last failure, unless the findings tell it already. */
function failure({ failure: last, health }: RouteStatus, now: string): Markup | false {
  if (last === null) return false;
  const { at, cause, status, detail, help } = last;
  const told = health.findings.some((each) => each.help === help);
  return html`<p>Last failure ${moment(at, now)}: <a href="${help}">${cause}</a> <span class="quiet">(${status === 0 ? 'not answered' : status})</span>${!told && detail !== null && html`<br><span class="quiet">${prose(detail)}</span>`}</p>`;
}
