import { isName, members } from './field-syntax.ts';

/**
 * What Connection may name without an effect: its own options, the fields that have rules of their own, those a message
 * is framed, addressed, understood, conditioned or authorized by, and those a proxy adds. RFC 9110 section 7.6.1 forbids
 * to nominate fields meant for all recipients; who could have them removed would decide what the upstream believes of a
 * request.
 */
const neverNominated: ReadonlySet<string> = new Set([
  'close',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'authorization',
  'www-authenticate',
  'cookie',
  'set-cookie',
  'cache-control',
  'vary',
  'date',
  'location',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'expect',
  'max-forwards',
  'origin',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** Fields that end here in both directions and whatever Connection says. Upgrade, Trailer and framing have rules of their own. */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return isName(name, 'te');
    case 10:
      return isName(name, 'connection') || isName(name, 'keep-alive');
    case 16:
      return isName(name, 'proxy-connection');
    case 18:
      return isName(name, 'proxy-authenticate');
    case 19:
      return isName(name, 'proxy-authorization');
    case 25:
      return isName(name, 'proxy-authentication-info');
    default:
      return false;
  }
}

/** Names, in lower case, that Connection lists besides those removed anyway; undefined, without an allocation, if none. */
export function nominations(fields: readonly string[]): string[] | undefined {
  let nominated: string[] | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length !== 10 || !isName(name, 'connection')) continue;
    const value = fields[i + 1] as string;
    if (isName(value, 'keep-alive') || isName(value, 'close') || isName(value, 'upgrade')) continue;
    for (const member of members(value)) {
      const lower = member.toLowerCase();
      if (neverNominated.has(lower)) continue;
      if (nominated === undefined) nominated = [lower];
      else nominated.push(lower);
    }
  }
  return nominated;
}

/** Whether `nominated`, from {@link nominations}, has `name`. */
export function isNominated(nominated: readonly string[], name: string): boolean {
  return nominated.includes(name.toLowerCase());
}
