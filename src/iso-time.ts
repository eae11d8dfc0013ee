/**
 * A time in UTC as ISO 8601 has it, of the years 0 to 9999. As `toISOString`, for which V8 loads the machine's time zone and the names
 * of all (Node 24).
 *
 * @param time milliseconds since 1970, or as OpenSSL writes it
 * @throws RangeError if it is no time
 */
export function isoTime(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new RangeError(`${time} is no time`);
  const written = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const day = `${written(date.getUTCFullYear(), 4)}-${written(date.getUTCMonth() + 1, 2)}-${written(date.getUTCDate(), 2)}`;
  const hour = `${written(date.getUTCHours(), 2)}:${written(date.getUTCMinutes(), 2)}:${written(date.getUTCSeconds(), 2)}`;
  return `${day}T${hour}.${written(date.getUTCMilliseconds(), 3)}Z`;
}
