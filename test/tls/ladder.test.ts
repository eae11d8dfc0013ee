import { once } from 'node:events';
import t from 'tap';
import { type Attempt, ProxyError } from '../../src/errors.ts';
import { attempt } from '../../src/tls/handshake.ts';
import { Ladder } from '../../src/tls/ladder.ts';
import type { LadderObserver } from '../../src/tls/ladder-view.ts';
import type { LadderSettings } from '../../src/tls/offer-attempts.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import { type DialOptions, ladderSettings } from '../fixtures/dial.ts';
import { type Action, type Decide, type Front, startFront } from '../fixtures/front.ts';
import { Journal } from '../fixtures/journal.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream, type Upstream } from '../fixtures/upstreams.ts';
import { deferred } from '../fixtures/wire.ts';

const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };
const never = new AbortController().signal;

/** An observer that writes down what it is told. */
class Notes implements LadderObserver {
  readonly handshakes: SecureConnection[] = [];
  readonly failures: string[] = [];
  readonly fallbacks: string[] = [];
  readonly downgrades: string[] = [];
  readonly recoveries = new Journal<SecureConnection>('recovery');

  handshake(connection: SecureConnection, ms: number): void {
    if (Number.isInteger(ms)) this.handshakes.push(connection);
  }

  tried(...[attempts, { cause }]: Parameters<LadderObserver['tried']>): void {
    this.failures.push([...told(attempts), ...(cause === undefined ? [] : [cause])].join(', '));
  }

  fallback(...[from, to, first]: Parameters<LadderObserver['fallback']>): void {
    this.fallbacks.push(`${from.name} > ${to.name}: ${first.outcome}`);
  }

  recovered(connection: SecureConnection): void {
    this.recoveries.push(connection);
  }

  downgrade(...[{ offer }, sentinel]: Parameters<LadderObserver['downgrade']>): void {
    this.downgrades.push(`${offer.name} < ${sentinel}`);
  }
}

interface Stage {
  readonly up: Upstream;
  readonly front: Front;
  readonly ladder: Ladder;
  readonly notes: Notes;
  /** Connects and leaves the connection open until the test ends. */
  connect(signal?: AbortSignal): Promise<SecureConnection>;
  /** Versions of the ClientHellos so far. */
  tried(): string[];
}

/** Far beyond a test's end, so that nothing is tried in the background. */
const noRetry = 3_600_000;

async function stage(
  t: Scope,
  decide: Decide,
  changed: Partial<LadderSettings> = {},
  options: DialOptions = {},
  retryAfter = noRetry,
): Promise<Stage> {
  const up = await startUpstream(t, required);
  const front = await startFront(t, { to: up, decide });
  const notes = new Notes();
  const ladder = new Ladder({ ...ladderSettings(pki, front.port, options), ...changed }, notes, {
    retryAfter: retryAfter,
  });
  t.teardown(() => ladder.retire());
  return {
    up,
    front,
    ladder,
    notes,
    async connect(signal = never) {
      const connection = await ladder.connect(signal);
      t.teardown(() => connection.socket.destroy());
      return connection;
    },
    tried: () => front.hellos.all().map(({ hello }) => hello.versions.join()),
  };
}

const pass: Decide = () => 'pass';
const intolerant: Decide = ({ versions }) => (versions.includes('TLSv1.3') ? 'reset' : 'pass');
const told = (attempts: readonly Attempt[]): string[] => attempts.map(({ offer, outcome }) => `${offer} ${outcome}`);

async function failure(promise: Promise<unknown>): Promise<ProxyError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProxyError) return error;
  throw new Error('no ProxyError', { cause: error });
}

t.test('the top works: one attempt, and it is known', async (t) => {
  const { connect, tried, notes } = await stage(t, pass);
  const first = await connect();
  t.equal(first.negotiated.protocol, 'TLSv1.3');
  t.same(told(first.attempts), ['TLSv1.3 ok']);
  const second = await connect();
  t.same(told(second.attempts), ['TLSv1.3 ok']);
  t.same(tried(), ['TLSv1.3', 'TLSv1.3']);
  t.same(notes.handshakes, [first, second]);
  t.same(notes.fallbacks, []);
  t.equal(notes.recoveries.length, 0);
});

t.test('a reset leads to the next offer, which is remembered', async (t) => {
  const { connect, tried, notes } = await stage(t, intolerant);
  const first = await connect();
  t.match(first.attempts, [
    { offer: 'TLSv1.3', outcome: 'reset', code: 'ECONNRESET' },
    { offer: 'TLSv1.2', outcome: 'ok' },
  ]);
  t.equal((await connect()).attempts.length, 1);
  t.same(tried(), ['TLSv1.3', 'TLSv1.2', 'TLSv1.2']);
  t.same(notes.fallbacks, ['TLSv1.3 > TLSv1.2: reset']);
});

t.test('remember 0: every connection climbs', async (t) => {
  const { connect, tried, notes } = await stage(t, intolerant, { remember: 0 });
  await connect();
  await connect();
  t.same(tried(), ['TLSv1.3', 'TLSv1.2', 'TLSv1.3', 'TLSv1.2']);
  t.equal(notes.fallbacks.length, 2);
});

t.test('an alert is told by its number', async (t) => {
  const { connect } = await stage(t, (_hello, n): Action => (n === 0 ? { alert: 40 } : 'pass'));
  t.match((await connect()).attempts[0], { outcome: 'alert', alert: 40 });
});

t.test('every offer refused', async (t) => {
  const { connect, tried } = await stage(t, () => 'reset');
  const error = await failure(connect());
  t.match(error, { code: 'tls-version', message: /accepted none of what this route may offer/ });
  t.same(told(error.attempts), ['TLSv1.3 reset', 'TLSv1.2 reset']);
  t.same(tried(), ['TLSv1.3', 'TLSv1.2']);
});

t.test('a failure that is not the version’s ends the ladder', async (t) => {
  const { connect, tried, notes } = await stage(t, () => ({ answer: 'HTTP/1.1 400 Bad Request\r\n\r\n' }));
  t.match(await failure(connect()), { code: 'tls-policy', attempts: [{ outcome: 'plaintext' }] });
  t.same(tried(), ['TLSv1.3']);
  t.same(notes.handshakes, []);

  await t.test('that of a known offer too', async (t) => {
    const known = await stage(t, pass);
    await known.connect();
    known.front.decide = () => ({ answer: 'HTTP/1.1 400 Bad Request\r\n\r\n' });
    t.match(await failure(known.connect()), { code: 'tls-policy', attempts: [{ offer: 'TLSv1.3' }] });
    known.front.decide = pass;
    t.equal((await known.connect()).attempts.length, 1, 'and it is still known');
  });
});

t.test('a remembered offer that fails is forgotten, and the ladder starts at the top, once', async (t) => {
  await t.test('a lower one', async (t) => {
    const { connect, front, notes } = await stage(t, intolerant);
    await connect();
    front.decide = ({ versions }) => (versions.includes('TLSv1.3') ? 'pass' : 'reset');
    t.same(told((await connect()).attempts), ['TLSv1.2 reset', 'TLSv1.3 ok']);
    t.equal((await notes.recoveries.first()).negotiated.protocol, 'TLSv1.3');
    t.same(told((await connect()).attempts), ['TLSv1.3 ok']);
    front.decide = () => 'reset';
    t.same(told((await failure(connect())).attempts), ['TLSv1.3 reset', 'TLSv1.2 reset']);
  });

  await t.test('the top is not tried twice', async (t) => {
    const { connect, front, notes } = await stage(t, pass);
    await connect();
    front.decide = intolerant;
    t.same(told((await connect()).attempts), ['TLSv1.3 reset', 'TLSv1.2 ok']);
    t.same(notes.fallbacks, ['TLSv1.3 > TLSv1.2: reset']);
  });

  await t.test('the only one', async (t) => {
    const { connect, front } = await stage(t, pass, {}, { versions: ['TLSv1.2'] });
    await connect();
    front.decide = () => 'reset';
    t.same(told((await failure(connect())).attempts), ['TLSv1.2 reset']);
  });
});

t.test('single flight', async (t) => {
  await t.test('all who ask at once share one climb', async (t) => {
    const { connect, tried, notes } = await stage(t, intolerant);
    const connections = await Promise.all(Array.from({ length: 5 }, () => connect()));
    t.equal(new Set(connections).size, 5);
    t.ok(connections.every(({ negotiated }) => negotiated.protocol === 'TLSv1.2'));
    t.equal(tried().filter((versions) => versions === 'TLSv1.3').length, 1);
    t.equal(notes.fallbacks.length, 1);
    t.equal(notes.handshakes.length, 5);
  });

  await t.test('what it found out serves them even where nothing is remembered', async (t) => {
    const { connect, tried } = await stage(t, intolerant, { remember: 0 });
    await Promise.all([connect(), connect(), connect()]);
    t.same(tried(), ['TLSv1.3', 'TLSv1.2', 'TLSv1.2', 'TLSv1.2']);
  });

  await t.test('they share its failure', async (t) => {
    const { connect, tried } = await stage(t, () => 'reset');
    const errors = await Promise.all([failure(connect()), failure(connect())]);
    t.equal(errors[0], errors[1]);
    t.equal(tried().length, 2);
  });

  await t.test('those whose known offer fails share the climb that follows', async (t) => {
    const { connect, front, tried } = await stage(t, intolerant);
    await connect();
    front.decide = ({ versions }) => (versions.includes('TLSv1.3') ? 'pass' : 'reset');
    const connections = await Promise.all([connect(), connect()]);
    t.ok(connections.every(({ negotiated }) => negotiated.protocol === 'TLSv1.3'));
    t.same(tried().slice(2).sort(), ['TLSv1.2', 'TLSv1.2', 'TLSv1.3', 'TLSv1.3']);
  });
});

t.test('aborts', async (t) => {
  const reason = new Error('the client went away');

  await t.test('one of several: the others are served', async (t) => {
    const gate = deferred<Action>();
    const { connect, front, tried } = await stage(t, (_hello, n) => (n === 0 ? gate.promise : 'pass'));
    const leaving = new AbortController();
    const left = connect(leaving.signal);
    const staying = [connect(), connect()];
    await front.hellos.first();
    leaving.abort(reason);
    await t.rejects(left, reason);
    gate.resolve('pass');
    t.equal(new Set(await Promise.all(staying)).size, 2);
    t.equal(tried().length, 2, 'the connection of the climb went to one of them');
  });

  await t.test('all: the climb ends, and the next one is new', async (t) => {
    const { connect, front } = await stage(t, () => 'silent');
    const controllers = [new AbortController(), new AbortController()];
    const left = controllers.map(({ signal }) => connect(signal));
    const { closed } = await front.hellos.first();
    for (const [index, controller] of controllers.entries()) {
      controller.abort(reason);
      await t.rejects(left[index] as Promise<unknown>, reason);
    }
    await closed;
    front.decide = pass;
    t.equal((await connect()).attempts.length, 1);
  });

  await t.test('all, just when the connection is there: it is closed', async (t) => {
    const { ladder, front, notes } = await stage(t, pass);
    const controller = new AbortController();
    const { handshake } = notes;
    notes.handshake = (...args) => {
      handshake.apply(notes, args);
      controller.abort(reason);
    };
    await t.rejects(ladder.connect(controller.signal), reason);
    await front.hellos.at(0).closed;
    t.ok(notes.handshakes[0]?.socket.destroyed);
  });

  await t.test('one, just when the connection is there: another gets it', async (t) => {
    const { connect, notes } = await stage(t, pass);
    const controller = new AbortController();
    const left = connect(controller.signal);
    const staying = connect();
    const { handshake } = notes;
    notes.handshake = (...args) => {
      handshake.apply(notes, args);
      controller.abort(reason);
    };
    await t.rejects(left, reason);
    t.equal(await staying, notes.handshakes[0]);
  });

  await t.test('before the start: nothing is tried', async (t) => {
    const { connect, front } = await stage(t, pass);
    await t.rejects(connect(AbortSignal.abort(reason)), reason);
    t.equal(front.connections.length, 0);
    await connect();
    await t.rejects(connect(AbortSignal.abort(reason)), reason);
    t.equal(front.connections.length, 1);
  });

  await t.test('while a known offer is tried', async (t) => {
    const { connect, front } = await stage(t, pass);
    await connect();
    front.decide = () => 'silent';
    const controller = new AbortController();
    const left = connect(controller.signal);
    const [, second] = await front.hellos.reach(2);
    controller.abort(reason);
    await t.rejects(left, reason);
    await second?.closed;
  });
});

t.test('a deadline for all attempts together', async (t) => {
  const timeouts = { connect: 20_000, handshake: 20_000, ladder: 1000 };
  const { connect, front } = await stage(t, (_hello, n): Action => (n === 0 ? 'reset' : 'silent'), { timeouts });
  const error = await failure(connect());
  t.match(error, { code: 'timeout', status: 504, message: /`timeouts\.ladder`/ });
  t.same(told(error.attempts), ['TLSv1.3 reset', 'TLSv1.2 timeout']);
  for (const { closed } of front.connections) await closed;
});

t.test('recovery in the background', async (t) => {
  await t.test('a single stray reset pins nobody down', async (t) => {
    const { connect, notes, tried, front } = await stage(t, (_hello, n) => (n === 0 ? 'reset' : 'pass'), {}, {}, 1);
    t.equal((await connect()).negotiated.protocol, 'TLSv1.2');
    const found = await notes.recoveries.first();
    t.same(told(found.attempts), ['TLSv1.3 ok']);
    await front.connections[2]?.closed;
    t.equal((await connect()).negotiated.protocol, 'TLSv1.3');
    t.same(tried(), ['TLSv1.3', 'TLSv1.2', 'TLSv1.3', 'TLSv1.3']);
    t.equal(notes.handshakes.length, 2, 'the trial is no connection of anybody’s');
  });

  await t.test('step by step, as far as it goes, and on', async (t) => {
    const versions = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'] as const;
    const lowest =
      (limit: string): Decide =>
      (hello) =>
        String(hello.versions[0]) <= limit ? 'pass' : 'reset';
    const up = await startUpstream(t, { ...required, versions: { min: 'TLSv1', max: 'TLSv1.3' } });
    const front = await startFront(t, { to: up, decide: lowest('TLSv1.1') });
    const notes = new Notes();
    // The server behind the front could speak TLS 1.3 and says so, which TLS 1.1 must not put up with: there nobody looks.
    const unwatched: typeof attempt = ({ witness, ...settings }, signal) =>
      attempt(settings.offer.legacy ? settings : { witness, ...settings }, signal);
    const means = { retryAfter: 1, attempt: unwatched };
    const ladder = new Ladder(ladderSettings(pki, front.port, { versions }), notes, means);
    t.teardown(() => ladder.retire());
    const first = await ladder.connect(never);
    t.teardown(() => first.socket.destroy());
    t.equal(first.negotiated.protocol, 'TLSv1.1');
    await front.hellos.first(({ hello }) => hello.versions[0] === 'TLSv1.2', 3);
    front.decide = lowest('TLSv1.2');
    t.equal((await notes.recoveries.first()).negotiated.protocol, 'TLSv1.2');
    front.decide = lowest('TLSv1.3');
    t.equal((await notes.recoveries.first(() => true, 1)).negotiated.protocol, 'TLSv1.3');
    t.same(notes.downgrades, ['TLSv1.2 < TLSv1.3'], 'a step on the way up is watched as well');
  });

  await t.test('a failure of another kind is no end of it', async (t) => {
    const { connect, front, notes } = await stage(t, intolerant, {}, {}, 1);
    await connect();
    front.decide = () => ({ answer: 'HTTP/1.1 503 Service Unavailable\r\n\r\n' });
    await front.hellos.reach(5);
    front.decide = pass;
    t.equal((await notes.recoveries.first()).negotiated.protocol, 'TLSv1.3');
  });

  await t.test('what somebody else has found meanwhile is not overwritten', async (t) => {
    const gate = deferred<Action>();
    const { connect, front, notes } = await stage(t, intolerant, {}, {}, 1);
    await connect();
    let trial = true;
    front.decide = ({ versions }) => {
      if (versions[0] === 'TLSv1.2') return 'reset';
      if (!trial) return 'pass';
      trial = false;
      return gate.promise;
    };
    const from = front.hellos.length;
    const held = await front.hellos.first(({ hello }) => hello.versions[0] === 'TLSv1.3', from);
    t.equal((await connect()).negotiated.protocol, 'TLSv1.3');
    t.equal(notes.recoveries.length, 1);
    gate.resolve('pass');
    await held.closed;
    t.equal(notes.recoveries.length, 1);
  });
});

t.test('what led to no connection is told, once', async (t) => {
  await t.test('a climb that fails, whoever shared it', async (t) => {
    const { connect, notes } = await stage(t, () => 'reset');
    await Promise.allSettled([connect(), connect()]);
    t.same(notes.failures, ['TLSv1.3 reset, TLSv1.2 reset, tls-version']);
  });

  await t.test('a known offer that must not be left', async (t) => {
    const { connect, notes, front } = await stage(t, pass, {
      timeouts: { connect: 9e3, handshake: 1_500, ladder: 9e3 },
    });
    await connect();
    front.decide = () => 'silent';
    await failure(connect());
    t.same(notes.failures, ['TLSv1.3 timeout, timeout']);
  });

  await t.test('what was tried for somebody who left', async (t) => {
    const { connect, notes, front } = await stage(t, (_hello, n) => (n === 0 ? 'reset' : 'silent'));
    const leaving = new AbortController();
    const left = connect(leaving.signal);
    await front.hellos.reach(2);
    leaving.abort(new Error('gone'));
    await t.rejects(left, /gone/);
    t.same(notes.failures, ['TLSv1.3 reset, TLSv1.2 abandoned']);
  });

  await t.test('trials in the background', async (t) => {
    const { connect, notes, front } = await stage(t, intolerant, {}, {}, 1);
    await connect();
    await front.hellos.reach(4);
    t.equal(notes.failures[0], 'TLSv1.3 reset');
  });
});

t.test('while a known lower offer fails, one at a time finds out whether that is over', async (t) => {
  const { connect, front, notes, tried } = await stage(t, intolerant, {
    timeouts: { connect: 9e3, handshake: 1_500, ladder: 9e3 },
  });
  await connect();
  front.decide = () => 'silent';
  await failure(connect());
  front.decide = intolerant;
  const connections = await Promise.all([connect(), connect(), connect()]);
  t.same(new Set(connections.map(({ negotiated }) => negotiated.protocol)), new Set(['TLSv1.2']));
  t.same(tried().slice(2), ['TLSv1.2', 'TLSv1.2', 'TLSv1.2', 'TLSv1.2']);
  t.same(notes.fallbacks.length, 1, 'it is still known');
  const [first, ...others] = connections.map((connection) => notes.handshakes.indexOf(connection));
  t.same([first, ...others].sort(), [1, 2, 3]);
});

t.test('a fallback while a trial is under way begins no second one', async (t) => {
  const gate = deferred<Action>();
  const ends: readonly (Action | Promise<Action>)[] = ['reset', 'pass', gate.promise, 'reset', 'reset', 'pass'];
  const { connect, front, notes, tried } = await stage(t, (_hello, n) => ends[n] ?? 'pass', {}, {}, 1);
  await connect();
  await front.hellos.reach(3);
  t.equal((await connect()).negotiated.protocol, 'TLSv1.2');
  t.same(notes.fallbacks, ['TLSv1.3 > TLSv1.2: reset', 'TLSv1.3 > TLSv1.2: reset']);
  gate.resolve('pass');
  await notes.recoveries.first();
  t.equal((await connect()).negotiated.protocol, 'TLSv1.3');
  t.same(tried(), ['TLSv1.3', 'TLSv1.2', 'TLSv1.3', 'TLSv1.2', 'TLSv1.3', 'TLSv1.2', 'TLSv1.3']);
});

t.test('retire', async (t) => {
  await t.test('ends a trial under way, and who connects may finish', async (t) => {
    const { connect, front, ladder } = await stage(t, intolerant, {}, {}, 1);
    await connect();
    front.decide = ({ versions }) => (versions[0] === 'TLSv1.3' ? 'silent' : 'pass');
    const trial = await front.hellos.first(({ action }) => action !== 'reset', 2);
    ladder.retire();
    await trial.closed;
    t.equal((await connect()).negotiated.protocol, 'TLSv1.2');
  });

  await t.test('nothing is tried after it', async (t) => {
    const { connect, front, ladder } = await stage(t, intolerant, {}, {}, 1);
    ladder.retire();
    await connect();
    await new Promise((done) => setTimeout(done, 5)); // longer than the wait for the first trial
    t.equal(front.connections.length, 2);
  });
});

t.test('sessions', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    await t.test(`${version} is resumed`, async (t) => {
      const { connect } = await stage(t, pass, {}, { versions: [version] });
      const first = await connect();
      t.match(first.negotiated, { resumed: false, protocol: version });
      if (version === 'TLSv1.3') await once(first.socket, 'session');
      t.match((await connect()).negotiated, { resumed: true, protocol: version });
      // A TLS 1.3 ticket is used once, and a Node server gives none on a resumed connection.
      if (version === 'TLSv1.2') t.ok((await connect()).negotiated.resumed);
    });
  }

  await t.test('only if it is wanted', async (t) => {
    const { connect } = await stage(t, pass, { resume: false }, { versions: ['TLSv1.2'] });
    await connect();
    t.notOk((await connect()).negotiated.resumed);
  });

  await t.test('not after a failure', async (t) => {
    const { connect, front } = await stage(t, pass, {}, { versions: ['TLSv1.2'] });
    await connect();
    front.decide = () => 'reset';
    await failure(connect());
    front.decide = pass;
    t.notOk((await connect()).negotiated.resumed);
  });
});

t.test('the first trial is seconds away', async (t) => {
  const up = await startUpstream(t, required);
  const front = await startFront(t, { to: up, decide: intolerant });
  const ladder = new Ladder(ladderSettings(pki, front.port), new Notes());
  const connection = await ladder.connect(never);
  t.teardown(() => connection.socket.destroy());
  t.equal(front.connections.length, 2);
  ladder.retire();
});
