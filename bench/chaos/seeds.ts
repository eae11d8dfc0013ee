/** A seed of its own for each of those who use one: the same for the same seed, kind and number. */
export function mix(seed: number, kind: string, n = 0): number {
  let mixed = Math.imul(seed, 0x85ebca6b) ^ Math.imul(n + 1, 0x27d4eb2f);
  for (const letter of kind) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return mixed >>> 0;
}
