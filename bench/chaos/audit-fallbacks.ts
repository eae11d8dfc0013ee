import type { LogLine } from '../../test/fixtures/proxy.ts';
import { attemptsOf } from './attempts.ts';
import type { Violation } from './ledger.ts';
import { ladderOf, type RouteSpec } from './routes.ts';

/** Between the end of a handshake and its line, in milliseconds, on a machine that has other things to do. */
const slack = 1_000;

/** For so many milliseconds after a reload lines may still be of the ladder that it put out of service. */
const afterglow = 10_000;

/** Whether each lowering of a route is told, and each return. @param lines of the route, and of reloads */
export function auditFallbacks(spec: RouteSpec, lines: readonly LogLine[]): Violation[] {
  const found: Violation[] = [];
  const broken = (rule: string, line: LogLine | undefined): void =>
    void found.push({ rule, route: spec.name, text: JSON.stringify(line) ?? 'no handshake' });
  const [top = ''] = ladderOf(spec);
  /** When the route fell back, in milliseconds of the epoch, if nothing has come of it since. */
  let fell: number | undefined;
  /** Until when a lower offer was the known one. */
  let lowUntil = 0;
  let reloaded = -Infinity;
  lines.forEach((line, n) => {
    const time = Number(line.time);
    const isNew = line.msg === 'reload' && isChanged(line, spec.name);
    if (isNew) reloaded = time;
    if (line.msg === 'fallback') fell = time;
    if (isNew || (line.msg === 'recovered' && line['offer'] === top)) {
      if (fell !== undefined) lowUntil = time;
      fell = undefined;
    }
    if (line.msg !== 'handshake') return;
    const attempts = attemptsOf(line);
    // It may have begun while something else was known.
    const begun = time - (line.ms ?? attempts.reduce((sum, { ms }) => sum + ms, 0));
    const told = lines[n + 1];
    if (attempts.some(({ offer, outcome }) => offer === top && outcome === 'ok')) {
      const isReturn = fell !== undefined && begun > fell && fell - reloaded > afterglow;
      if (isReturn && told?.msg !== 'recovered') broken('each return is told', line);
    } else if (line.level === 30) {
      const isFall = attempts.some(({ offer }) => offer === top);
      if (isFall && (told?.msg !== 'fallback' || told.to !== line.offer)) broken('each fallback is told', line);
      const isKnown = fell !== undefined || begun - slack <= lowUntil || time - reloaded < afterglow;
      if (!isFall && !isKnown) broken('no version is lowered without a word', line);
    }
  });
  const latest = lines.findLast(({ msg, level }) => msg === 'handshake' && level === 30);
  if (latest?.offer !== top) broken('what is mended is used again', latest);
  return found;
}

/** Whether a reload has changed a route. */
function isChanged({ changed }: LogLine, route: string): boolean {
  return (
    Array.isArray(changed) && changed.some((text) => text === `route ${route}` || text.startsWith(`route ${route} `))
  );
}
