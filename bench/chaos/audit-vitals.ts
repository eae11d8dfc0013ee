import type { Violation } from './ledger.ts';
import type { Vitals } from './vitals.ts';

/** What memory may be, of that after the warm-up. */
const growth = 1.1;

/** What a quiet proxy has more after the disorder than before. */
export function auditVitals(before: Vitals, after: Vitals): Violation[] {
  const found: Violation[] = [];
  const more = (rule: string, was: ReadonlyMap<string, number>, is: ReadonlyMap<string, number>): void => {
    for (const [kind, count] of is) {
      const had = was.get(kind) ?? 0;
      if (count > had) found.push({ rule, text: `${count} ${kind}, and ${had} before` });
    }
  };
  more('no descriptor is left behind', before.descriptors, after.descriptors);
  more('no handle and no timer is left behind', before.resources, after.resources);
  if (after.listeners !== before.listeners) {
    const text = `${after.listeners} listeners, and ${before.listeners} before`;
    found.push({ rule: 'it listens where it did', text });
  }
  const ratio = after.alive / before.alive;
  // Also if it could not be measured.
  if (!(ratio <= growth))
    found.push({ rule: 'memory comes back', text: `${ratio.toFixed(2)} of what was alive before` });
  return found;
}
