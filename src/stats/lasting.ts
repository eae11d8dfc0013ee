import type { Family, Sample } from './family.ts';

/**
 * What processes that are gone have counted, with that of one more. Gauges are of the moment, and are left out.
 *
 * @param before of those that have gone before
 * @param figures all that the last one has counted
 */
export function lasting(before: readonly Family[], figures: readonly Family[]): readonly Family[] {
  const sums = new Map(before.map((each) => [each.name, each]));
  for (const each of figures) {
    if (each.type === 'gauge') continue;
    const { values } = sums.get(each.name) ?? { values: [] };
    sums.set(each.name, { ...each, values: add(values, each.values) });
  }
  return [...sums.values()];
}

function add(before: readonly Sample[], values: readonly Sample[]): readonly Sample[] {
  const sums = new Map(before.map((each) => [keyOf(each), each]));
  for (const each of values) {
    const key = keyOf(each);
    sums.set(key, { ...each, value: each.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}

/** The same text for the same series. A family's samples name their labels in one order. */
function keyOf({ metricName = '', labels }: Sample): string {
  return JSON.stringify([metricName, labels]);
}
