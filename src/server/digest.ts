import { createHash } from 'node:crypto';

/**
 * What tells settings from others: equal if and only if all values are, and the contents of all files they name. The order in
 * which keys are written does not matter; that of lists does. Nothing of a secret can be read from it.
 *
 * @param found what was found of each file, by its path
 */
export function digestOfSettings(settings: unknown, found: ReadonlyMap<string, string>): string {
  const text = JSON.stringify(settings, (_key, value: unknown) => {
    if (typeof value === 'string') return found.has(value) ? `${value}\0${found.get(value)}` : value;
    // JSON has no word for what is unlimited.
    if (value === Infinity) return '\0unlimited';
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash('sha256').update(text).digest('base64');
}
