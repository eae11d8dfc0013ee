import type { RequestsStatus } from '../status.ts';
import { html, type Markup } from './markup.ts';
import { duration, many, span } from './words.ts';

/** Units of the drawings: a slot is five wide; they are stretched to the width there is. */
const slotWidth = 5;
const height = 56;

/** What the lower part of the bars' drawing has for failed requests. */
const below = 16;

/**
 * Requests by slot as bars upwards, and those of them that failed as bars downwards, so that colour is not all that tells
 * them apart.
 */
export function requestsPlot({ slots: { requests, failed }, slotSeconds }: RequestsStatus): Markup {
  const most = Math.max(...requests, 1);
  const base = height - below;
  const width = requests.length * slotWidth;
  const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
  const label = `Requests of the last ${span(requests.length * slotSeconds * 1000)} in steps of ${slotSeconds} seconds: ${many(sum(requests), 'request')}, ${most === 1 && sum(requests) === 0 ? 0 : most} at most in one step, ${sum(failed)} failed`;
  const up = bars(requests, (count) => [base, base - Math.max((count / most) * base, 1)]);
  const down = bars(failed, (count) => [base + 1, base + 1 + Math.max((count / most) * (below - 1), 2)]);
  return drawing(
    width,
    label,
    html`<path class="count" d="${up}"/><path class="failed" d="${down}"/>${axis(width, base)}`,
  );
}

/** Bars where there is something to count, as the commands of one path. @param ends where the bar of a count begins and ends */
function bars(counts: readonly number[], ends: (count: number) => readonly [number, number]): string {
  const drawn = counts.map((count, index) => {
    const [from, to] = ends(count).map(short);
    return count === 0 ? '' : `M${index * slotWidth} ${from}V${to}h${slotWidth - 1}V${from}z`;
  });
  return drawn.join('');
}

const axis = (width: number, y: number): Markup => html`<path class="axis" d="M0 ${y + 0.5}H${width}"/>`;

/** Latencies by slot: the median as a line, and the 95th percentile as a dashed one. Slots without requests leave a gap. */
export function latencyPlot({ slots: { p50, p95 }, slotSeconds, ...overall }: RequestsStatus): Markup {
  const most = Math.max(1, ...p95.map((value) => value ?? 0));
  const width = p50.length * slotWidth;
  const label = `Latency of the last ${span(p50.length * slotSeconds * 1000)}: half of the requests within ${duration(overall.p50)}, 95 of 100 within ${duration(overall.p95)}`;
  const line = (values: readonly (number | null)[], kind: string) =>
    stretches(values).map((points) => {
      const marks = points.map(
        ([index, value]) => [index * slotWidth, short(height - 2 - (value / most) * (height - 4))] as const,
      );
      // A slot is as wide as its bar, so that one alone is seen as well.
      const path = marks.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}H${x + slotWidth - 1}`).join('');
      return html`<path class="${kind}" d="${path}"/>`;
    });
  return drawing(width, label, html`${line(p95, 'p95')}${line(p50, 'p50')}${axis(width, height - 1)}`);
}

/** The unbroken stretches of values, each with its place. */
function stretches(values: readonly (number | null)[]): (readonly [number, number])[][] {
  const all: (readonly [number, number])[][] = [];
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    if (index === 0 || (values[index - 1] ?? null) === null) all.push([]);
    all.at(-1)?.push([index, value]);
  }
  return all;
}

function drawing(width: number, label: string, content: Markup): Markup {
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">${content}</svg>`;
}

/** How much of something is left, as a bar; what it says stands beside it in words. @param share between 0 and 1 */
export function leftBar(share: number, kind: string): Markup {
  const width = short(Math.min(1, Math.max(0, share)) * 100);
  return html`<svg class="left ${kind}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"/><rect class="rest" width="${width}" height="6"/></svg>`;
}

const short = (value: number): number => Math.round(value * 10) / 10;
