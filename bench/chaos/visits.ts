import { chance } from '../../test/fixtures/chance.ts';
import { absolute, dawdle, expect, leave, old, pipeline, sip, stray, talk, type Visit } from './clients.ts';
import { intrude, ramble, stammer } from './malformed.ts';
import { mix } from './seeds.ts';
import { enclosing, upgrading } from './tunnels.ts';
import type { World } from './world.ts';

/** What clients do, and how often. */
const kinds: readonly (readonly [number, Visit])[] = [
  [30, talk],
  [8, pipeline],
  [5, old],
  [4, absolute],
  [5, dawdle],
  [5, sip],
  [15, leave],
  [5, expect],
  [2, stray],
  [5, stammer],
  [3, intrude],
  [4, ramble],
  [10, upgrading],
  [5, enclosing],
];

const lots: readonly Visit[] = kinds.flatMap(([often, visit]) => Array.from({ length: often }, () => visit));

/** The visits of a run, one after the other. */
export interface Visits {
  /** Makes the next one. @returns milliseconds until the client comes again */
  next(): Promise<number>;
  /** Ids for requests of a visit of one's own. */
  ids(): () => string;
}

/** Visits by a seed: the same number is the same visit. */
export function visitsOf(world: World, seed: number): Visits {
  let count = 0;
  const ids = (): (() => string) => {
    count += 1;
    let used = count * 1_000;
    return () => `x${used++}`;
  };
  return {
    ids,
    async next() {
      const id = ids();
      const dice = chance(mix(seed, 'visit', count));
      await dice.pick(lots)(world, dice, id);
      return dice.pick([0, 50, 200, 500]);
    },
  };
}
