import { randomBytes } from 'node:crypto';

/**
 * The name under which this process stands in Via (RFC 9110 section 7.6.3). It is another one in each process: by a name
 * that all have, two proxies in a row would be taken for a loop.
 */
const pseudonym = `mtls-proxy-${randomBytes(4).toString('hex')}`;

/** `received-protocol received-by` by the minor version of the message received. */
export const via = [`1.0 ${pseudonym}`, `1.1 ${pseudonym}`] as const;

/** Whether a message has been here before. @param fields flat, `[name, value, …]` */
export function hasOwnVia(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 3 && name.toLowerCase() === 'via' && (fields[i + 1] as string).includes(pseudonym)) return true;
  }
  return false;
}
