import t from 'tap';
import { Ladder } from '../../src/tls/ladder.ts';
import type { LadderObserver } from '../../src/tls/ladder-view.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import { ladderSettings } from '../fixtures/dial.ts';
import { type Decide, startFront } from '../fixtures/front.ts';
import { Journal } from '../fixtures/journal.ts';
import { intolerant, pass } from '../fixtures/ladder.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream, type UpstreamOptions } from '../fixtures/upstreams.ts';

const pki = await makePki();
const never = new AbortController().signal;

async function stage(t: Scope, decide: Decide, retryAfter: number, server: Partial<UpstreamOptions> = {}) {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert, ...server });
  const front = await startFront(t, { to: up, decide });
  const recoveries = new Journal<SecureConnection>('recovery');
  const trials = new Journal<boolean>('trial');
  const observer: LadderObserver = {
    handshake: () => undefined,
    tried: (_attempts, { trial }) => trials.push(trial === true),
    fallback: () => undefined,
    downgrade: () => undefined,
    recovered: (connection) => recoveries.push(connection),
  };
  const ladder = new Ladder(ladderSettings(pki, front.port), observer, { retryAfter });
  t.teardown(() => ladder.retire());
  const connect = async () => {
    const { socket } = await ladder.connect(never);
    t.teardown(() => socket.destroy());
  };
  return { ladder, front, recoveries, trials, connect };
}

t.test('at first nothing is known', async (t) => {
  const { ladder } = await stage(t, pass, 1);
  const offers = ['TLSv1.3', 'TLSv1.2'];
  t.same(ladder.state, { offers, remembered: undefined, lowered: undefined, retryIn: undefined });
});

t.test('the top is remembered until it fails', async (t) => {
  const { ladder, connect } = await stage(t, pass, 1);
  await connect();
  t.match(ladder.state, { remembered: { index: 0, left: Infinity }, lowered: undefined, retryIn: undefined });
});

t.test('a lower offer: since when, why, for how long, and when the top is tried again', async (t) => {
  const { ladder, connect } = await stage(t, intolerant, 60_000, { versions: { max: 'TLSv1.2' } });
  const before = Date.now();
  await connect();
  const { remembered, lowered, retryIn } = ladder.state;
  t.match(remembered, { index: 1 });
  t.ok(remembered !== undefined && remembered.left > 3_500_000 && remembered.left <= 3_600_000);
  t.match(lowered, {
    index: 1,
    first: { offer: 'TLSv1.3', outcome: 'reset', code: 'ECONNRESET' },
    sentinel: undefined,
  });
  t.ok(lowered !== undefined && lowered.at >= before && lowered.at <= Date.now());
  t.ok(retryIn !== undefined && retryIn > 0 && retryIn <= 60_000);
});

t.test('a server that hides its version is told as such', async (t) => {
  const { ladder, connect } = await stage(t, intolerant, 60_000);
  await connect();
  t.match(ladder.state.lowered, { index: 1, sentinel: 'TLSv1.3' });
});

t.test('when the top works again nothing is lowered any more', async (t) => {
  const { ladder, connect, front, recoveries, trials } = await stage(t, intolerant, 1);
  await connect();
  t.equal(await trials.first(), true);
  t.match(ladder.state, { lowered: { index: 1 } });
  front.decide = pass;
  await recoveries.first();
  t.match(ladder.state, { remembered: { index: 0 }, lowered: undefined });
});
