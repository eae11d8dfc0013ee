import type { GuardSettings } from '../proxy/guard.ts';

/**
 * What a start says, besides the log, of addresses that other machines reach: nothing if there are none.
 *
 * @param addresses those that they reach
 */
export function tellExposure(addresses: readonly string[], guard: GuardSettings): string {
  if (addresses.length === 0) return '';
  return `mtls-proxy: EXPOSED to other machines: ${addresses.join(', ')}. ${whoMay(guard)}.\n`;
}

function whoMay({ hosts = new Set(), token, users }: GuardSettings): string {
  if (users !== undefined)
    return '`guard.users` lets in users of this machine only, so nobody there can use your client certificate';
  if (token !== undefined) {
    return 'Whoever there has the token of `guard.token` uses your client certificate; on the way here nothing is encrypted';
  }
  const named = [...hosts].join(', ');
  return `Everybody there uses your client certificate: there is no \`guard.token\`, and the names by which it may be called are no secret (${named})`;
}
