import t from 'tap';
import { auditLadder, type RouteTruth } from '../../bench/chaos/audit-ladder.ts';
import { auditRequests } from '../../bench/chaos/audit-requests.ts';
import { auditVitals } from '../../bench/chaos/audit-vitals.ts';
import { type Arrival, type Asked, Ledger } from '../../bench/chaos/ledger.ts';
import { ladderOf, type RouteSpec } from '../../bench/chaos/routes.ts';
import type { LogLine } from '../fixtures/proxy.ts';

const route: RouteSpec = { name: 'open', versions: ['TLSv1.3', 'TLSv1.2'], range: 'all', replay: 'idempotent' };

const request: LogLine = {
  ...{ level: 30, time: 1, msg: 'request', route: 'open', method: 'POST', path: '/open/x1', status: 200 },
  ...{ bytesIn: 3, bytesOut: 5, reused: false, protocol: 'TLSv1.3', replayed: false },
};

const arrival: Arrival = {
  ...{ route: 'open', method: 'POST', nth: 0, protocol: 'TLSv1.3', client: 'first', framing: 'length' },
  ...{ complete: true, bytes: 3, answered: true, severed: false },
};

/** What is found about one POST, the upstream's view of it, and its lines. */
function requests(asked: Partial<Asked>, arrivals: readonly Partial<Arrival>[], lines: readonly object[]): string[] {
  const ledger = new Ledger();
  ledger.clients.push('first', 'second');
  const seen = { status: 200, whole: true, bytes: 5, cause: undefined };
  const all = { id: 'x1', method: 'POST', route: 'open', size: 3, kind: 'talk', client: 0, absent: false, seen };
  ledger.asked.set('x1', { ...all, standing: 'due', ...asked });
  for (const one of arrivals) ledger.arrive('x1', { ...arrival, ...one });
  return auditRequests(
    ledger,
    [route],
    lines.map((line) => ({ ...request, ...line })),
  ).map(({ rule }) => rule);
}

t.test('of requests', async (t) => {
  t.same(requests({}, [{}], [{}]), [], 'nothing, if nothing is wrong');
  const faults: [string, ReturnType<typeof requests>, string][] = [
    ['logged twice', requests({}, [{}], [{}, {}]), 'each request is logged once'],
    ['not logged', requests({}, [{}], []), 'each request is logged once'],
    ['of nobody', requests({}, [{}], [{}, { path: '/open/x2' }]), 'each request is logged once'],
    ['sent twice', requests({}, [{}, {}], [{ replayed: true }]), 'delivered once'],
    ['refused, and sent', requests({ standing: 'broken' }, [{}], [{}]), 'what is refused goes nowhere'],
    ['of another route', requests({}, [{ route: 'strict' }], [{}]), 'routes are kept apart'],
    ['an old certificate', requests({ client: 1 }, [{}], [{}]), 'an old identity serves no new request'],
    ['another status', requests({}, [{}], [{ status: 502 }]), 'the log says what the client saw'],
    ['a byte more', requests({}, [{}], [{ bytesOut: 6 }]), 'every byte is counted'],
    ['cut, and whole', requests({}, [{ answered: false }], [{}]), 'a cut answer is not whole'],
    ['another version', requests({}, [{}], [{ protocol: 'TLSv1.2' }]), 'the logged protocol is the real one'],
    [
      'a fault of ours',
      requests({}, [{}], [{ cause: 'internal' }]),
      'a cause is one of the closed set, and never internal',
    ],
  ];
  for (const [what, found, rule] of faults) t.ok(found.includes(rule), `${what}: ${found}`);
});

t.test('of the ladder', async (t) => {
  const ladder = ladderOf(route);
  const climb = (outcome: string) =>
    ladder.map((offer, n) => ({ offer, outcome: n < ladder.length - 1 ? outcome : 'ok' }));
  const found = (blamed: number, lines: readonly object[]): string[] => {
    const offers = new Map(ladder.map((offer) => [offer, { hellos: 1, blamed }]));
    const truth: RouteTruth = { spec: route, offers, doors: 0 };
    const top = {
      msg: 'handshake',
      level: 30,
      time: 99_000,
      offer: ladder[0],
      attempts: [{ offer: ladder[0], outcome: 'ok' }],
    };
    const last = { msg: 'recovered', level: 30, time: 98_000, offer: ladder[0] };
    const own = [...lines, last, top].map(
      (line) => ({ time: 50_000, level: 30, route: 'open', ms: 1, ...line }) as LogLine,
    );
    return auditLadder([truth], own).map(({ rule }) => rule);
  };
  const low = { msg: 'handshake', offer: ladder.at(-1), attempts: climb('reset') };
  const told = { msg: 'fallback', to: ladder.at(-1) };
  const blame = 'a lower offer follows only what may be the fault of the higher one';
  t.same(found(1, [low, told]), [], 'nothing, if nothing is wrong');
  t.ok(found(1, [low]).includes('each fallback is told'));
  t.ok(found(1, [{ ...low, attempts: climb('server-certificate') }, told]).includes(blame), 'by what is logged');
  t.ok(found(0, [low, told]).includes(blame), 'by what the upstream did');
  t.ok(found(1, []).includes('each attempt is logged'));
  const skipped = { ...low, attempts: [{ offer: 'TLSv1.1', outcome: 'ok' }] };
  t.ok(found(1, [skipped]).includes('no version is offered that is not listed'));
});

t.test('of what a process holds', async (t) => {
  const none = new Map<string, number>();
  const before = { descriptors: none, listeners: 2, resources: none, alive: 100, code: 1, resident: 200 };
  const rules = (after: object): string[] => auditVitals(before, { ...before, ...after }).map(({ rule }) => rule);
  t.same(rules({ alive: 110, code: 9 }), []);
  t.same(rules({ alive: 111 }), ['memory comes back']);
  t.same(rules({ alive: Number.NaN }), ['memory comes back'], 'also if it could not be measured');
  t.same(rules({ descriptors: new Map([['socket', 1]]) }), ['no descriptor is left behind']);
  t.same(rules({ resources: new Map([['TCPSocketWrap', 1]]) }), ['no handle and no timer is left behind']);
  t.same(rules({ listeners: 3 }), ['it listens where it did']);
});
