import type { Attempt } from '../../src/errors.ts';
import type { LogLine } from '../../test/fixtures/proxy.ts';
import { attemptsOf, mayBlameOffer } from './attempts.ts';
import { auditFallbacks } from './audit-fallbacks.ts';
import type { Violation } from './ledger.ts';
import { ladderOf, type RouteSpec } from './routes.ts';

/** What a front did to the hellos of one offer. */
export interface OfferCount {
  /** Hellos seen. */
  hellos: number;
  /** Those that the offer itself may have been to blame for: ended before our certificate went out. */
  blamed: number;
}

/** A route as its upstream saw it. */
export interface RouteTruth {
  readonly spec: RouteSpec;
  /** By the offer's name. */
  readonly offers: ReadonlyMap<string, OfferCount>;
  /** Connections ended before there was a hello. */
  readonly doors: number;
}

/** What is wrong with the log of handshakes, by the rules of the ladder and by what the upstreams saw. */
export function auditLadder(truths: readonly RouteTruth[], lines: readonly LogLine[]): Violation[] {
  return truths.flatMap((truth) => {
    const { name } = truth.spec;
    const own = lines.filter(({ route, msg }) => route === name || msg === 'reload');
    return [...auditAttempts(truth, own), ...auditFallbacks(truth.spec, own)];
  });
}

/** Whether each attempt is logged, and each lower offer has its reason. */
function auditAttempts({ spec, offers, doors }: RouteTruth, lines: readonly LogLine[]): Violation[] {
  const found: Violation[] = [];
  const broken = (rule: string, text: string): void => void found.push({ rule, route: spec.name, text });
  const blame = 'a lower offer follows only what may be the fault of the higher one';
  const ladder = ladderOf(spec);
  const made = new Map<string, number>();
  const left = new Map<string, number>();
  for (const line of lines) {
    let before: Attempt | undefined;
    for (const attempt of attemptsOf(line)) {
      const { offer } = attempt;
      made.set(offer, (made.get(offer) ?? 0) + 1);
      const at = ladder.indexOf(offer);
      if (at === -1) broken('no version is offered that is not listed', JSON.stringify(line));
      const above = before === undefined ? at : ladder.indexOf(before.offer);
      if (before !== undefined && above < at) {
        left.set(before.offer, (left.get(before.offer) ?? 0) + 1);
        if (above !== at - 1) broken('no offer is left out', JSON.stringify(line));
        if (!mayBlameOffer(before)) broken(blame, JSON.stringify(line));
      }
      before = attempt;
    }
  }
  for (const [offer, { hellos, blamed }] of offers) {
    const logged = made.get(offer) ?? 0;
    if (logged < hellos) broken('each attempt is logged', `${hellos} hellos of ${offer}, ${logged} logged`);
    const times = left.get(offer) ?? 0;
    if (times > blamed + doors) broken(blame, `${times} after ${offer}, which failed so ${blamed} times`);
    if (spec.range === 'late' && offer !== ladder[0] && hellos > 0) {
      broken('nothing else lowers a version', `${hellos} hellos of ${offer}`);
    }
  }
  return found;
}
