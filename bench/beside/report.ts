import type { Turn } from './measure.ts';

/** The turns of one proxy in one scenario, one for each round. */
export interface Row {
  readonly subject: string;
  readonly turns: readonly Turn[];
}

/** One scenario with all that took part, nginx first if it did. */
export interface Result {
  readonly scenario: string;
  /** The body decides: cost and speed are told by MiB. */
  readonly bulk: boolean;
  readonly rows: readonly Row[];
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The median of the ratios of one figure, round by round: what else the machine did in a round met both. */
export function ratio(row: Row, base: Row, figure: keyof Turn): number {
  return median(row.turns.map((turn, round) => turn[figure] / (base.turns[round]?.[figure] ?? Number.NaN)));
}

/** The comparison as Markdown tables, one for each scenario. */
export function markdown(results: readonly Result[]): string {
  return results.map(table).join('\n');
}

function table({ scenario, bulk, rows }: Result): string {
  const cost = bulk ? 'costPerMebibyte' : 'cost';
  const speed = bulk ? 'mebibytesPerSecond' : 'perSecond';
  const [base] = rows;
  if (base === undefined) return '';
  const head = `| ${scenario} | µs CPU per ${bulk ? 'MiB' : 'request'} | lowest to highest | of ${base.subject} | ${
    bulk ? 'MiB' : 'requests'
  }/s | p50 ms | p99 ms | resident MiB |`;
  const lines = rows.map((row) => {
    const costs = row.turns.map((turn) => turn[cost]);
    const cells = [
      row.subject,
      short(median(costs)),
      `${short(Math.min(...costs))} to ${short(Math.max(...costs))}`,
      ratio(row, base, cost).toFixed(2),
      short(median(row.turns.map((turn) => turn[speed]))),
      median(row.turns.map(({ p50 }) => p50)).toFixed(2),
      median(row.turns.map(({ p99 }) => p99)).toFixed(2),
      short(median(row.turns.map(({ resident }) => resident))),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${[head, '|---|--:|--:|--:|--:|--:|--:|--:|', ...lines].join('\n')}\n`;
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}
