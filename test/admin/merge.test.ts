import t from 'tap';
import { mergeStatus, type OwnStatus } from '../../src/admin/merge.ts';
import type { RouteStatus, Status } from '../../src/admin/status.ts';

const own: OwnStatus = {
  generation: 3,
  started: '2030-01-01T00:00:00.000Z',
  uptimeSeconds: 60,
  ready: true,
  notReady: [],
  draining: false,
  listeners: [{ address: '127.0.0.1:1', admin: false }],
  reload: null,
};

const certificate = { kind: 'client', subject: 'CN=x', notBefore: 'a', notAfter: 'b', daysLeft: 3 } as const;
const handshake = (at: string) => ({ at, result: 'ok' }) as unknown as RouteStatus['handshakes'][number];
const failure = (at: string) => ({ at, cause: 'refused' }) as unknown as NonNullable<RouteStatus['failure']>;

function route(name: string, more: Partial<RouteStatus> = {}): RouteStatus {
  return {
    name,
    match: { path: `/${name}`, host: null, listen: null },
    upstream: 'h:1',
    via: null,
    health: { state: 'ok', findings: [] },
    ladder: { offers: ['TLSv1.3', 'TLSv1.2'], remembered: null, lowered: null },
    handshakes: [],
    certificates: [certificate],
    pool: { idle: 1, busy: 2, dialing: 3, waiting: 4, max: 8 },
    requests: {
      total: 10,
      perSecond: 0.5,
      p50: 5,
      p95: null,
      slotSeconds: 5,
      slots: { requests: [1, 2], failed: [0, 1], p50: [null, 4], p95: [null, null] },
    },
    failure: null,
    ...more,
  };
}

const status = (routes: readonly RouteStatus[], unroutedRequests = 1): Status =>
  ({ ...own, generation: 1, version: '1', node: '20', openssl: '3', now: 'n', unroutedRequests, routes }) as Status;

t.test('what is counted is added up; of times the longest is shown', async (t) => {
  const other = route('a', {
    requests: {
      total: 5,
      perSecond: 0.25,
      p50: 7,
      p95: 9,
      slotSeconds: 5,
      slots: { requests: [3, 4], failed: [1, 0], p50: [2, 3], p95: [null, 6] },
    },
  });
  const merged = mergeStatus([status([route('a')]), status([other], 2)], own);
  t.match(merged, { generation: 3, version: '1', unroutedRequests: 3 });
  const [{ requests, pool, certificates }] = merged.routes as [RouteStatus];
  t.same(requests, {
    total: 15,
    perSecond: 0.75,
    p50: 7,
    p95: 9,
    slotSeconds: 5,
    slots: { requests: [4, 6], failed: [1, 1], p50: [2, 4], p95: [null, 6] },
  });
  t.same(pool, { idle: 2, busy: 4, dialing: 6, waiting: 8, max: 16 });
  t.same(certificates, [certificate], 'which is the same one');
});

t.test('the worst, the latest, and what any of them has found out', async (t) => {
  const finding = (state: 'failing' | 'degraded' | 'unused', text: string) => ({ state, text, next: 'n', help: 'h' });
  const lowered = {
    to: 'TLSv1.2',
    since: 's',
    sentinel: null,
    retry: null,
  } as unknown as RouteStatus['ladder']['lowered'];
  const one = route('a', {
    health: { state: 'unused', findings: [finding('unused', 'nothing came')] },
    handshakes: [handshake('2030-01-01T00:00:01.000Z')],
    failure: failure('2030-01-01T00:00:05.000Z'),
  });
  const two = route('a', {
    health: { state: 'failing', findings: [finding('failing', 'down'), finding('degraded', 'lower')] },
    ladder: { offers: ['TLSv1.3', 'TLSv1.2'], remembered: null, lowered },
    handshakes: Array.from({ length: 12 }, (_, index) => handshake(`2030-01-01T00:00:${10 + index}.000Z`)).reverse(),
    failure: failure('2030-01-01T00:00:03.000Z'),
  });
  const merged = mergeStatus([status([route('b'), one]), status([two, route('b')])], own);
  t.same(
    merged.routes.map(({ name, health }) => `${name} ${health.state}`),
    ['a failing', 'b ok'],
    'trouble first',
  );
  const [first] = merged.routes as [RouteStatus];
  t.same(
    first.health.findings.map(({ text }) => text),
    ['down', 'lower'],
    'one of them is used',
  );
  t.equal(first.ladder.lowered?.to, 'TLSv1.2');
  t.equal(first.handshakes.length, 10);
  t.equal(first.handshakes[0]?.at, '2030-01-01T00:00:21.000Z');
  t.equal(first.failure?.at, '2030-01-01T00:00:05.000Z');
});
