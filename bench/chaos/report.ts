import { mebibytes } from '../../test/fixtures/vitals.ts';
import { attemptsOf } from './attempts.ts';
import type { Violation } from './ledger.ts';
import type { Outcome } from './run.ts';
import type { Vitals } from './vitals.ts';

/** So many violations of one rule are shown whole. */
const shown = 5;

/** Prints what a run came to: what was done, and what is wrong. */
export function report(outcome: Outcome, seed: number): void {
  const { lines, upstreams, before, after, violations, ledger } = outcome;
  const requests = lines.filter(({ msg }) => msg === 'request');
  row('requests', tally([...ledger.asked.values()].map(({ standing }) => standing)));
  row('answers', tally(requests.map(({ cause, aborted }) => cause ?? (aborted === true ? 'given up' : 'whole'))));
  row('replayed', String(requests.filter(({ replayed }) => replayed).length));
  row('handshakes', tally(lines.flatMap(attemptsOf).map(({ outcome: how }) => how)));
  row('told', tally(lines.map(({ msg }) => msg).filter((msg) => /^(?:fallback|recovered|downgrade)$/.test(msg))));
  row('reloads', tally(lines.filter(({ msg }) => msg === 'reload').map(cameTo)));
  row('phases', tally(upstreams.flatMap(({ history }) => history)));
  const figures: [string, (one: Vitals) => string][] = [
    ['descriptors', (one) => sum(one.descriptors)],
    ['listeners', (one) => String(one.listeners)],
    ['handles', (one) => sum(one.resources)],
    ['MiB alive', (one) => mebibytes(one.alive)],
    ['MiB of code', (one) => mebibytes(one.code)],
    ['MiB resident', (one) => mebibytes(one.resident)],
  ];
  for (const [what, value] of figures) row(what, `${value(before)} before, ${value(after)} after`);
  if (violations.length === 0) console.log('\nall invariants held');
  else tell(violations, outcome, seed);
}

/** By rule: the seed, the request, and what everybody has to say of it. */
function tell(violations: readonly Violation[], { lines, ledger }: Outcome, seed: number): void {
  console.log(`\n${violations.length} violations, seed ${seed}`);
  for (const rule of new Set(violations.map((one) => one.rule))) {
    const all = violations.filter((one) => one.rule === rule);
    console.log(`\n${all.length} × ${rule}`);
    for (const { id, route, text } of all.slice(0, shown)) {
      console.log(`  ${[id, route, text].filter((part) => part !== undefined).join(' | ')}`);
      if (id === undefined) continue;
      console.log(`    asked ${JSON.stringify(ledger.asked.get(id))}`);
      console.log(`    arrived ${JSON.stringify(ledger.arrivals.get(id) ?? [])}`);
      for (const line of lines) if (String(line.path).endsWith(`/${id}`)) console.log(`    ${JSON.stringify(line)}`);
    }
  }
}

function cameTo({ level, changed }: Outcome['lines'][number]): string {
  if (level === 50) return 'refused';
  return Array.isArray(changed) && changed.length > 0 ? 'taken over' : 'unchanged';
}

function row(what: string, text: string): void {
  console.log(`${what.padEnd(16)}${text}`);
}

function sum(counts: ReadonlyMap<string, number>): string {
  return String([...counts.values()].reduce((total, count) => total + count, 0));
}

/** How often each name is there, the most frequent first. */
function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.length === 0 ? 'none' : sorted.map(([name, count]) => `${count} ${name}`).join(', ');
}
