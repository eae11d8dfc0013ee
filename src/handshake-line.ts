import type { Attempt } from './errors.ts';
import { quoted } from './quoted.ts';

/** The fields of the `handshake` log line of a connection, in the order in which they are written. */
export interface HandshakeLine {
  readonly route: string;
  readonly upstream: string;
  readonly protocol: string;
  readonly cipher: string;
  readonly group: string;
  readonly resumed: boolean;
  readonly offer: string;
  readonly attempts: readonly Attempt[];
  readonly ms: number;
}

/**
 * The JSON of these fields, each with a comma before it. Where each request has a connection of its own, a general
 * serialiser's part of what that costs is seen.
 */
export function handshakeFieldsOf(line: HandshakeLine): string {
  const { route, upstream, protocol, cipher, group, resumed, offer, attempts, ms } = line;
  const where = `,"route":${quoted(route)},"upstream":${quoted(upstream)}`;
  const negotiated = `,"protocol":${quoted(protocol)},"cipher":${quoted(cipher)},"group":${quoted(group)},"resumed":${resumed}`;
  return `${where}${negotiated},"offer":${quoted(offer)},"attempts":${attemptsOf(attempts)},"ms":${ms}`;
}

function attemptsOf(attempts: readonly Attempt[]): string {
  const [only] = attempts;
  if (attempts.length !== 1 || only?.outcome !== 'ok') return JSON.stringify(attempts);
  return `[{"offer":${quoted(only.offer)},"outcome":"ok","ms":${only.ms}}]`;
}
