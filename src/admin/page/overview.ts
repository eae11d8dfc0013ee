import type { RouteStatus } from '../status.ts';
import { badge } from './badge.ts';
import { html, type Markup } from './markup.ts';
import { duration, rate } from './words.ts';

/** All routes as a table, in their order. */
export function overview(routes: readonly RouteStatus[]): Markup {
  return html`<table class="overview">
<caption class="unseen">Routes, those with trouble first</caption>
<thead><tr><th scope="col">Route</th><th scope="col">Health</th><th scope="col" class="wide">Upstream</th><th scope="col" class="wide">Protocol</th><th scope="col" class="number">Requests/s</th><th scope="col" class="number mid">Failed, 5&nbsp;min</th><th scope="col" class="number mid">p95</th><th scope="col" class="number wide">Certificates</th></tr></thead>
<tbody>
${routes.map(row)}</tbody>
</table>`;
}

function row({ name, health, upstream, handshakes, requests, certificates }: RouteStatus): Markup {
  const failed = requests.slots.failed.reduce((sum, count) => sum + count, 0);
  const days = certificates.map(({ daysLeft }) => daysLeft);
  const protocol = handshakes.find(({ protocol, purpose }) => protocol !== null && purpose === 'request')?.protocol;
  return html`<tr id="row-${name}"><th scope="row"><a href="#route-${name}">${name}</a></th><td>${badge(health.state)}</td><td class="wide name">${upstream}</td><td class="wide">${protocol ?? '–'}</td><td class="number">${rate(requests.perSecond)}</td><td class="number mid ${failed > 0 && 'bad'}">${failed.toLocaleString('en')}</td><td class="number mid">${requests.p95 === null ? '–' : duration(requests.p95)}</td><td class="number wide">${days.length === 0 ? '–' : remaining(Math.min(...days))}</td></tr>
`;
}

function remaining(days: number): string {
  if (days < 0) return 'expired';
  return days === 1 ? '1 day' : `${days} days`;
}
