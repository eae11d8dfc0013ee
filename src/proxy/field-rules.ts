import type { FieldRules } from '../config/config.ts';

/**
 * The fields of a message by a route's rules. A field that is set stands once, where the first of its name stood, or at
 * the end. All arrays of fields are flat: `[name, value, …]`; the array given comes back if there is nothing to do.
 */
export function applyRules(fields: string[], { set, remove }: FieldRules): string[] {
  if (set.length === 0 && remove.length === 0) return fields;
  const left = new Map<string, number>();
  for (let i = 0; i < set.length; i += 2) left.set((set[i] as string).toLowerCase(), i);
  const placed = new Set<string>();
  const result: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const lower = (fields[i] as string).toLowerCase();
    const rule = left.get(lower);
    if (rule === undefined) {
      if (!remove.includes(lower)) result.push(fields[i] as string, fields[i + 1] as string);
    } else if (!placed.has(lower)) {
      placed.add(lower);
      result.push(set[rule] as string, set[rule + 1] as string);
    }
  }
  for (const [lower, rule] of left) if (!placed.has(lower)) result.push(set[rule] as string, set[rule + 1] as string);
  return result;
}

/** Trailer fields without those of which a rule speaks: what a rule takes away or replaces does not come in again behind the body. */
export function unruled(trailers: readonly string[], { set, remove }: FieldRules): readonly string[] {
  if (trailers.length === 0 || (set.length === 0 && remove.length === 0)) return trailers;
  const ruled = new Set([...remove, ...set.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())]);
  return trailers.filter((_, i) => !ruled.has((trailers[i - (i % 2)] as string).toLowerCase()));
}
