import type { Attempt } from '../../src/errors.ts';
import type { LogLine } from '../../test/fixtures/proxy.ts';

/** The handshake attempts that a line of the log tells; none if it is no such line. */
export function attemptsOf({ msg, attempts }: LogLine): readonly Attempt[] {
  return msg === 'handshake' && Array.isArray(attempts) ? attempts : [];
}

const next: ReadonlySet<string> = new Set(['reset', 'close', 'version']);
const nextAlerts: ReadonlySet<number> = new Set([10, 40, 47, 50, 70, 71, 80]);

/** Whether an attempt ended in a way that may be the offer's fault, so that the next one may follow. */
export function mayBlameOffer({ outcome, alert }: Attempt): boolean {
  return next.has(outcome) || (outcome === 'alert' && alert !== undefined && nextAlerts.has(alert));
}
