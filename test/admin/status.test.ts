import t from 'tap';
import { statusOf } from '../../src/admin/status.ts';
import type { AdminView } from '../../src/admin/view.ts';
import { createMetrics } from '../../src/metrics.ts';
import type { LadderState } from '../../src/tls/ladder-view.ts';
import { faultsOf } from '../fixtures/status.ts';

const now = Date.parse('2030-01-01T00:00:00Z');
const view = (routes: readonly object[], more: Partial<AdminView> = {}) =>
  ({
    routes,
    retired: [],
    starting: false,
    generation: 1,
    draining: false,
    version: '1.2.3',
    started: now - 5000,
    listeners: [],
    ...more,
  }) as unknown as AdminView;

const route = (name: string, ladder: Partial<LadderState> = {}, settings: object = {}) => ({
  settings: { name, match: { path: `/${name}` }, tls: {}, pool: { maxConnections: 8 }, ...settings },
  upstream: {
    name: 'device.example:443',
    certificates: [],
    ladder: {
      offers: ['TLSv1.3', 'TLSv1.2'],
      remembered: undefined,
      lowered: undefined,
      retryIn: undefined,
      ...ladder,
    },
    pool: { counts: { idle: 1, busy: 0, dialing: 0, waiting: 0 } },
  },
});

t.test('as docs/status.schema.json says, with trouble first', async (t) => {
  const metrics = await createMetrics();
  metrics.request('b', 200, undefined, 0.01);
  metrics.request('c', 502, 'refused', 0.01, 'start it');
  metrics.request('a', 200, undefined, 0.01);
  metrics.request(undefined, 404, 'no-route', 0.01);
  const status = statusOf(view([route('d'), route('b'), route('a'), route('c')]), metrics, now);
  t.same(faultsOf(status), []);
  t.same(
    status.routes.map(({ name, health }) => `${name} ${health.state}`),
    ['c failing', 'd unused', 'a ok', 'b ok'],
  );
  t.match(status, { ready: true, uptimeSeconds: 5, started: '2029-12-31T23:59:55.000Z', unroutedRequests: 1 });
  t.match(status.routes[0]?.failure, {
    cause: 'refused',
    status: 502,
    detail: 'start it',
    help: /problems\.md#refused$/,
  });
  t.equal(faultsOf({ ...status, more: 1 }).length, 1, 'the schema would notice');
});

t.test('what a route matches, and by what way it goes', async (t) => {
  const metrics = await createMetrics();
  const match = { host: 'a.example', listen: '127.0.0.1:8080' };
  const of = (via: object | undefined) => statusOf(view([route('x', {}, { match, via })]), metrics, now).routes[0];
  t.match(of({ hostname: 'egress', port: 3128, username: 'u', password: 'secret' }), {
    match: { path: null, host: 'a.example', listen: '127.0.0.1:8080' },
    via: 'egress:3128',
  });
  t.match(of({ hostname: '::1', port: 3128 }), { via: '[::1]:3128' });
  t.match(of(undefined), { via: null });
});

t.test('what is remembered: until when, and why', async (t) => {
  const metrics = await createMetrics();
  const of = (ladder: Partial<LadderState>) => {
    const status = statusOf(view([route('x', ladder)]), metrics, now);
    t.same(faultsOf(status), []);
    return status.routes[0]?.ladder;
  };
  t.match(of({}), { remembered: null, lowered: null });
  t.same(of({ remembered: { index: 0, left: Infinity } })?.remembered, {
    offer: 'TLSv1.3',
    provisional: false,
    until: null,
  });
  const first = { offer: 'TLSv1.3', outcome: 'reset', code: 'ECONNRESET', ms: 3 } as const;
  const lowered = { index: 1, at: now - 1000, first, sentinel: undefined };
  t.same(of({ remembered: { index: 1, left: 60_000 }, lowered, retryIn: 2000 }), {
    offers: ['TLSv1.3', 'TLSv1.2'],
    remembered: { offer: 'TLSv1.2', provisional: true, until: '2030-01-01T00:01:00.000Z' },
    lowered: {
      to: 'TLSv1.2',
      since: '2029-12-31T23:59:59.000Z',
      failed: first,
      sentinel: null,
      retry: '2030-01-01T00:00:02.000Z',
    },
  });
  t.match(of({ lowered: { ...lowered, sentinel: 'TLSv1.3' } })?.lowered, { sentinel: 'TLSv1.3', retry: null });
});

t.test('handshakes by what became of them, newest first', async (t) => {
  const metrics = await createMetrics();
  const attempts = [{ offer: 'TLSv1.3', outcome: 'ok', ms: 3 }] as const;
  const negotiated = { protocol: 'TLSv1.3', cipher: 'AES', group: 'X25519', resumed: false, offer: 'TLSv1.3' };
  const add = (more: object) => metrics.record('x', { at: now, ms: 3, purpose: 'request', attempts, ...more });
  add(negotiated);
  add({ ...negotiated, cause: 'client-certificate' });
  add({ cause: 'tls-version' });
  add({});
  add({ purpose: 'trial' });
  add({ purpose: 'trial', protocol: 'TLSv1.3' });
  const status = statusOf(view([route('x')]), metrics, now);
  t.same(faultsOf(status), []);
  t.same(
    status.routes[0]?.handshakes.map(({ result, purpose, protocol, cause }) => [purpose, result, protocol, cause]),
    [
      ['trial', 'ok', 'TLSv1.3', null],
      ['trial', 'failed', null, null],
      ['request', 'abandoned', null, null],
      ['request', 'failed', null, 'tls-version'],
      ['request', 'failed', 'TLSv1.3', 'client-certificate'],
      ['request', 'ok', 'TLSv1.3', null],
    ],
  );
});

t.test('draining is not ready, and a clock that was set back is no negative time', async (t) => {
  const metrics = await createMetrics();
  const status = statusOf(view([], { draining: true, started: now + 60_000 }), metrics, now);
  t.match(status, { draining: true, ready: false, notReady: ['draining'], uptimeSeconds: 0 });
});
