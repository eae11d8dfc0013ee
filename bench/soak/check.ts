import { setTimeout as pause } from 'node:timers/promises';
import { descriptors, resident, settled } from '../../test/fixtures/vitals.ts';

/** A figure that was measured, and what it may be at most. */
export interface Check {
  /** The part of the soak. */
  readonly part: string;
  readonly what: string;
  readonly figure: number;
  readonly bound: number;
  /** What the figure is made of, where that helps when the bound is broken. */
  readonly detail?: readonly string[];
}

/** What a process had at most while it was watched. */
export interface Highest {
  /** Open descriptors. */
  readonly descriptors: number;
  /** Resident memory, in bytes, of each sample. */
  readonly resident: readonly number[];
  /** Samples in a row in which `count` was above its limit. */
  readonly over: number;
}

/** Looks at a process four times a second until `work` is done. @param count something to be held to a limit as well */
export async function watching(
  pid: number,
  work: Promise<unknown>,
  { limit, count }: { limit: number; count: () => Promise<number> } = { limit: 0, count: async () => 0 },
): Promise<Highest> {
  const samples: number[] = [];
  let most = 0;
  let row = 0;
  let over = 0;
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  end.catch(() => undefined); // thrown below
  while (!done) {
    samples.push(await resident(pid));
    most = Math.max(most, (await descriptors(pid)).length);
    row = (await count()) > limit ? row + 1 : 0;
    over = Math.max(over, row);
    await Promise.race([end, pause(250)]);
  }
  await end;
  return { descriptors: most, resident: samples, over };
}

/** The descriptors of a process that are more than `before`, once there are none or 20 seconds have passed. */
export async function lostDescriptors(part: string, pid: number, before: number): Promise<Check> {
  const left = await settled(
    () => descriptors(pid),
    ({ length }) => length <= before,
  );
  return { part, what: 'descriptors more than at the start', figure: left.length - before, bound: 0, detail: left };
}
