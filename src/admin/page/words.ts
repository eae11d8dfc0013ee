import { html, type Markup } from './markup.ts';

/** Units of time from the longest to the shortest, with their milliseconds. */
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A span of time in its largest whole unit, and the next one where there is little of the first: `2 d 3 h`, `45 s`. */
export function span(ms: number): string {
  const at = units.findIndex(([, length]) => ms >= length);
  if (at === -1) return `${Math.max(0, Math.round(ms))} ms`;
  const [unit, length] = units[at] as (typeof units)[number];
  const whole = Math.floor(ms / length);
  const [lower, part] = units[at + 1] ?? [];
  const rest = part === undefined ? 0 : Math.floor((ms % length) / part);
  return whole < 10 && rest > 0 ? `${whole} ${unit} ${rest} ${lower}` : `${whole} ${unit}`;
}

/** A moment as seen from now, with the exact one in its attributes. Both are ISO 8601. */
export function moment(time: string, now: string): Markup {
  const past = Date.parse(now) - Date.parse(time);
  const text = Math.abs(past) < 1000 ? 'now' : past < 0 ? `in ${whole(-past)}` : `${whole(past)} ago`;
  return html`<time datetime="${time}" title="${time}">${text}</time>`;
}

const whole = (ms: number): string => span(Math.floor(ms / 1000) * 1000);

/** A duration in milliseconds, in a unit that keeps it short. */
export function duration(ms: number | null): string {
  if (ms === null) return 'none';
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** A number of things: `1 request`, `2 requests`. */
export function many(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

/** A rate a second with as many digits as say something. */
export function rate(perSecond: number): string {
  return perSecond >= 10 ? String(Math.round(perSecond)) : String(Math.round(perSecond * 10) / 10);
}
