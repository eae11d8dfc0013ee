import { resident } from '../../test/fixtures/vitals.ts';
import type { Stable } from './measure.ts';
import { ours, subjects, usual } from './subjects.ts';

/** Memory that a proxy with one route has resident when it takes connections, before its first request, in MiB. */
export interface Idle {
  readonly subject: string;
  readonly resident: number;
}

/** Looks at each of those that are asked for, which go on running for the scenarios. */
export async function idle(stable: Stable, names: readonly string[]): Promise<readonly Idle[]> {
  const all: Idle[] = [];
  for (const subject of subjects.filter(({ name }) => names.includes(name))) {
    const { pid } = await stable.start(subject, usual);
    all.push({ subject: subject.name, resident: (await resident(pid)) / 2 ** 20 });
  }
  return all;
}

/** As a Markdown table, with how much of ours each takes, if ours is among them. */
export function idleTable(all: readonly Idle[]): string {
  const base = all.find(({ subject }) => subject === ours.name)?.resident;
  const lines = all.map(({ subject, resident: own }) => {
    const part = base === undefined ? '–' : (own / base).toFixed(2);
    return `| ${subject} | ${own.toFixed(1)} | ${part} |`;
  });
  return `${[`| idle, one route | resident MiB | of ${ours.name} |`, '|---|--:|--:|', ...lines].join('\n')}\n`;
}
