import type { Chance } from '../../test/fixtures/chance.ts';

/** A seed of its own for each of those who use one: the same for the same seed, kind and number. */
export function mix(seed: number, kind: string, n = 0): number {
  let mixed = Math.imul(seed, 0x85ebca6b) ^ Math.imul(n + 1, 0x27d4eb2f);
  for (const letter of kind) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return mixed >>> 0;
}

/** Deals without end: each one once, in an order by the dice, before any comes again. */
export function* deal<T>(cards: readonly T[], dice: Chance): Generator<T, never> {
  for (;;) {
    const left = [...cards];
    while (left.length > 0) {
      const at = dice.pick([...left.keys()]);
      yield* left.splice(at, 1);
    }
  }
}
