import type { SecureVersion } from 'node:tls';
import type { Chance } from '../../test/fixtures/chance.ts';
import type { Action, End, Greeting } from '../../test/fixtures/front.ts';
import type { ClientHello } from '../../test/fixtures/hello.ts';
import type { ServerName } from './identities.ts';
import { deal } from './seeds.ts';

/** How a route's upstream is for a while. */
export interface Phase {
  readonly name: string;
  /** Milliseconds that it lasts. */
  readonly hold: number;
  /** What is done with a connection by its hello. */
  readonly decide: (hello: ClientHello, dice: Chance) => Action;
  readonly greet?: (dice: Chance) => Greeting | undefined;
  /** What changes of the server behind; left out: nothing. */
  readonly server?: ServerChange;
  /** What open connections come to at its beginning; left out: nothing. */
  readonly cut?: 'reset' | 'close';
}

/** What of a server can change. */
export interface ServerChange {
  readonly identity?: ServerName;
  readonly max?: SecureVersion;
  /** False: it trusts another authority than that of our client certificate. */
  readonly trusts?: boolean;
  /** Its old session tickets are worth nothing any more. */
  readonly forgets?: boolean;
}

/** Alerts that say that the hello cannot be taken, and those that speak of our certificate. */
const alertsAboutOffers = [10, 40, 47, 50, 70, 71, 80];
const alertsAboutCertificates = [42, 43, 44, 45, 46, 48, 49, 116];

type Make = (dice: Chance) => Omit<Phase, 'name' | 'hold'>;

const pass = (): Action => 'pass';

/** In TLS 1.2 our certificate is sent before the handshake is complete, in TLS 1.3 with its end. */
const either = (dice: Chance): SecureVersion => dice.pick(['TLSv1.2', 'TLSv1.3']);

/** Whatever fails here fails before our certificate goes out. */
const early: Readonly<Record<string, Make>> = {
  /** Takes no hello that offers TLS 1.3, as a middlebox does; the server behind might speak it. */
  intolerant: (dice) => {
    const end = earlyEnd(dice);
    return {
      decide: ({ versions }) => (versions.includes('TLSv1.3') ? end : 'pass'),
      ...(dice.one(2) ? { server: { max: 'TLSv1.2' } } : {}),
    };
  },
  /** Takes no long hello. */
  'short-sighted': (dice) => {
    const end = dice.pick<End>(['reset', 'close']);
    return { decide: ({ postQuantum }) => (postQuantum ? end : 'pass') };
  },
  /** Takes no TLS 1.2 either. */
  backward: (dice) => {
    const end = earlyEnd(dice);
    return {
      decide: ({ versions }) => (versions.some((version) => version > 'TLSv1.1') ? end : 'pass'),
      server: { max: dice.pick(['TLSv1.1', 'TLSv1.1', 'TLSv1.3']) },
    };
  },
  /** Takes none at all. */
  'dead-end': (dice) => {
    const end = earlyEnd(dice);
    return { decide: () => end };
  },
  /** Fails now and then, anywhere in the first flights. */
  flaky: () => ({
    decide: (_, dice) => {
      if (dice.one(2)) return 'pass';
      if (dice.one(2)) return earlyEnd(dice);
      const serverBytes = 1 + dice.pick([0, 4, 80, 300, 900]);
      return { passUntil: { serverBytes }, end: dice.pick<End>(['reset', 'close']) };
    },
  }),
  /** Ends connections as soon as they are accepted, now and then. */
  'at-the-door': () => ({
    decide: pass,
    greet: (dice) => (dice.one(2) ? dice.pick<Greeting>(['reset', 'close']) : undefined),
  }),
  /** Open connections end. */
  restart: (dice) => ({ decide: pass, cut: dice.pick(['reset', 'close'] as const) }),
};

/** Nothing of this may ever lower a version. */
const late: Readonly<Record<string, Make>> = {
  /** Ends connections once our certificate is there. */
  unwilling: (dice) => {
    const end = dice.pick<End>(['reset', 'close', { alert: dice.pick(alertsAboutCertificates) }]);
    const all = dice.one(2);
    return {
      decide: (_, each) => (all || each.one(2) ? { passUntil: 'client-flight', end } : 'pass'),
      server: { forgets: true, max: either(dice) },
    };
  },
  /** Trusts somebody else. */
  estranged: (dice) => ({ decide: pass, server: { trusts: false, forgets: true, max: either(dice) } }),
  /** Falls silent somewhere in the handshake. */
  mute: (dice) => ({
    server: { max: either(dice) },
    decide: (_, each) => {
      if (each.one(3)) return 'pass';
      if (each.one(2)) return 'silent';
      return { passUntil: each.pick(['client-flight' as const, { serverBytes: 100 }]), end: 'silent' };
    },
  }),
  /** Speaks no TLS. */
  plain: (dice) => {
    const answer = dice.pick(['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-x\r\n', '220 ready\r\n']);
    return dice.one(2) ? { decide: () => ({ answer }) } : { decide: pass, greet: () => ({ answer }) };
  },
  /** Shows a certificate that must not be accepted. */
  impostor: (dice) => ({
    decide: pass,
    server: { identity: dice.pick(['expired', 'wrong-name', 'untrusted']), forgets: !dice.one(3) },
  }),
  /** Shows another one that is right. */
  renewed: (dice) => ({ decide: pass, server: { identity: 'renewed', forgets: dice.one(2) } }),
  /** Speaks TLS 1.2 at most, as after a change of its software. */
  older: () => ({ decide: pass, server: { max: 'TLSv1.2' } }),
  /** Sends no session tickets, so that its consent has to be waited for. */
  ticketless: () => ({ decide: () => 'hold-tickets', server: { forgets: true } }),
};

/** Which phases a route's upstream goes through: all, or those that must never lower a version. */
export type Range = 'all' | 'late';

/**
 * The phases of a route, without end: every second one is a healthy one, so that there is something to break.
 *
 * @param dice decides all of it, and is used for nothing else
 */
export function* phases(range: Range, dice: Chance): Generator<Phase, never> {
  const makers = Object.entries(range === 'late' ? late : { ...early, ...late });
  const deck = deal(makers, dice);
  for (;;) {
    const [name, make] = deck.next().value;
    yield { name: 'healthy', hold: dice.pick([300, 800, 1_500, 3_000]), decide: pass };
    yield { name, hold: dice.pick([200, 600, 1_200, 2_500]), ...make(dice) };
  }
}

/** What an upstream is in the end. */
export const mended: Phase = { name: 'mended', hold: 0, decide: pass };

function earlyEnd(dice: Chance): End {
  return dice.pick<End>(['reset', 'reset', 'close', { alert: dice.pick(alertsAboutOffers) }]);
}
