import { EventEmitter } from 'node:events';
import t from 'tap';
import { clock } from '../../src/clock.ts';
import type { PoolSettings } from '../../src/config/config.ts';
import type { SecureConnection } from '../../src/tls/secure-connection.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import { Pool } from '../../src/upstream/pool.ts';
import type { Waiter } from '../../src/upstream/queue.ts';
import { chance } from '../fixtures/chance.ts';
import { deferred } from '../fixtures/wire.ts';

/** A connection without a network: what the pool does is its own affair, and sockets could not be held at will. */
class FakeSocket extends EventEmitter {
  destroyed = false;

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    setImmediate(() => this.emit('close'));
  }
}

/** A dial that the test ends when it likes. */
interface Dial {
  readonly signal: AbortSignal;
  succeed(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** A waiter that remembers what it was told. */
class Request implements Waiter {
  readonly fresh: boolean;
  connection: Connection | undefined;
  error: unknown;
  /** What it does when it has got its connection. */
  served: (() => void) | undefined;

  constructor(fresh = false) {
    this.fresh = fresh;
  }

  ready(connection: Connection): void {
    if (this.connection !== undefined || this.error !== undefined) throw new Error('told twice');
    this.connection = connection;
    connection.occupy({ received() {}, ended() {}, closed() {}, drained() {}, expired() {}, failed() {} });
    this.served?.();
  }

  failed(error: unknown): void {
    if (this.connection !== undefined || this.error !== undefined) throw new Error('told twice');
    this.error = error;
  }
}

/** The next turn of the event loop: an idle connection is handed out behind one. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function makePool(settings: Partial<PoolSettings> = {}, onDial = (): void => undefined) {
  const dials: Dial[] = [];
  const sockets: FakeSocket[] = [];
  const pool = new Pool({ keepAlive: true, maxConnections: 10, idleTimeout: 60_000, ...settings }, (signal) => {
    onDial();
    const { promise, resolve, reject } = deferred<SecureConnection>();
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    dials.push({
      signal,
      async succeed() {
        const socket = new FakeSocket();
        sockets.push(socket);
        resolve({ socket, confirm() {}, lastError: undefined } as unknown as SecureConnection);
        await turn();
      },
      async fail(error) {
        reject(error as Error);
        await turn();
      },
    });
    return promise;
  });
  const ask = (fresh = false): Request => {
    const request = new Request(fresh);
    pool.acquire(request);
    return request;
  };
  /** Asks, and has the dial for it succeed. */
  const connected = async (): Promise<Connection> => {
    const request = ask();
    await dials.at(-1)?.succeed();
    if (request.connection === undefined) throw new Error('not served');
    return request.connection;
  };
  return { pool, dials, sockets, ask, connected };
}

t.test('a connection is dialled, used again, and one request after the other', async (t) => {
  const { pool, dials, ask, connected } = makePool();
  const connection = await connected();
  t.same(pool.counts, { idle: 0, busy: 1, dialing: 0, waiting: 0 });
  t.notOk(connection.reused);
  pool.release(connection, undefined);
  t.same(pool.counts, { idle: 1, busy: 0, dialing: 0, waiting: 0 });
  const second = ask();
  t.equal(second.connection, undefined, 'never within acquire');
  await turn();
  t.equal(second.connection, connection);
  t.ok(connection.reused);
  t.equal(dials.length, 1);
});

t.test('E15 what a waiter throws is its own failure: those behind it are served', async (t) => {
  const { pool, ask, connected } = makePool();
  const connections = [await connected(), await connected()];
  for (const connection of connections) pool.release(connection, undefined);
  const broken = new Request();
  broken.ready = () => {
    throw new RangeError('injected');
  };
  pool.acquire(broken);
  const next = ask();
  await turn();
  t.match(broken.error, RangeError);
  t.ok(next.connection);
});

t.test('idle ones are used newest first, each once', async (t) => {
  const { pool, ask, connected, dials } = makePool();
  const [a, b] = [await connected(), await connected()];
  pool.release(a, undefined);
  pool.release(b, undefined);
  const [first, second, third] = [ask(), ask(), ask()];
  await turn();
  t.equal(first.connection, b);
  t.equal(second.connection, a);
  t.equal(third.connection, undefined);
  t.equal(dials.length, 3, 'a third one is on its way');
  await dials[2]?.succeed();
  t.ok(third.connection);
});

t.test('what an idle connection says unasked is read before it is handed out', async (t) => {
  const { pool, sockets, ask, connected, dials } = makePool();
  const connection = await connected();
  pool.release(connection, undefined);
  const request = ask();
  sockets[0]?.emit('data', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'));
  await turn();
  t.equal(request.connection, undefined);
  t.notOk(connection.usable);
  await dials[1]?.succeed();
  t.ok(request.connection);
});

t.test('at most maxConnections, and who waits is served in order', async (t) => {
  const { pool, dials, ask } = makePool({ maxConnections: 2 });
  const requests = [ask(), ask(), ask(), ask()];
  t.same(pool.counts, { idle: 0, busy: 0, dialing: 2, waiting: 4 });
  await dials[1]?.succeed();
  t.ok(requests[0]?.connection, 'whoever waits longest gets what comes first');
  await dials[0]?.succeed();
  t.ok(requests[1]?.connection);
  t.equal(dials.length, 2);
  pool.release(requests[1]?.connection as Connection, undefined);
  await turn();
  t.equal(requests[2]?.connection, requests[1]?.connection);
  t.equal(requests[3]?.connection, undefined);
  requests[0]?.connection?.destroy();
  t.same(pool.counts, { idle: 0, busy: 1, dialing: 1, waiting: 1 }, 'the place is free');
  await dials[2]?.succeed();
  t.ok(requests[3]?.connection);
});

t.test('a dial that fails fails one waiter, never the queue', async (t) => {
  const { dials, ask, pool } = makePool({ maxConnections: 1 });
  const requests = [ask(), ask(), ask()];
  const error = new Error('refused');
  await dials[0]?.fail(error);
  t.equal(requests[0]?.error, error);
  t.equal(requests[1]?.error, undefined);
  await dials[1]?.fail(error);
  t.equal(requests[1]?.error, error);
  await dials[2]?.succeed();
  t.ok(requests[2]?.connection);
  t.same(pool.counts, { idle: 0, busy: 1, dialing: 0, waiting: 0 });
});

t.test(
  'who asks while others are served comes behind them, and nothing is dialled for who is served next',
  async (t) => {
    const { pool, connected, ask, dials } = makePool({ maxConnections: 3 });
    const idle = [await connected(), await connected()];
    for (const connection of idle) pool.release(connection, undefined);
    const [first, second] = [ask(), ask()];
    let third: Request | undefined;
    first.served = () => (third = ask());
    await turn();
    t.ok(second.connection);
    t.equal(third?.connection, undefined);
    t.same(pool.counts, { idle: 0, busy: 2, dialing: 1, waiting: 1 });
    await dials[2]?.succeed();
    t.ok(third?.connection);
  },
);

t.test('cancel', async (t) => {
  await t.test('ends a dial that nobody needs any more', async (t) => {
    const { pool, dials, ask } = makePool();
    const [a, b] = [ask(), ask()];
    pool.cancel(a as Request);
    t.notOk(dials[0]?.signal.aborted);
    t.ok(dials[1]?.signal.aborted);
    await dials[0]?.succeed();
    t.equal(a?.connection, undefined);
    t.ok(b?.connection);
    t.same(pool.counts, { idle: 0, busy: 1, dialing: 0, waiting: 0 });
  });

  await t.test('keeps those that others need', async (t) => {
    const { pool, dials, ask } = makePool({ maxConnections: 1 });
    const [a, b] = [ask(), ask()];
    pool.cancel(a as Request);
    t.notOk(dials[0]?.signal.aborted);
    await dials[0]?.succeed();
    t.ok(b?.connection);
  });

  await t.test('has no effect once it was served', async (t) => {
    const { pool, connected, ask } = makePool();
    const connection = await connected();
    pool.release(connection, undefined);
    const request = ask();
    await turn();
    pool.cancel(request);
    t.ok(connection.usable);
  });

  await t.test('also by one who is being served', async (t) => {
    const { pool, connected, ask } = makePool({ maxConnections: 2 });
    const idle = [await connected(), await connected()];
    for (const connection of idle) pool.release(connection, undefined);
    const [first, second] = [ask(), ask()];
    first.served = () => pool.cancel(second);
    await turn();
    t.ok(first.connection);
    t.equal(second.connection, undefined);
    t.same(pool.counts, { idle: 1, busy: 1, dialing: 0, waiting: 0 });
  });

  await t.test('a dial that wins the race against it becomes idle', async (t) => {
    const { pool, dials, ask, sockets } = makePool();
    const request = ask();
    const succeeded = dials[0]?.succeed();
    pool.cancel(request);
    await succeeded;
    t.equal(request.connection, undefined);
    t.same(pool.counts, { idle: 1, busy: 0, dialing: 0, waiting: 0 });
    t.notOk(sockets[0]?.destroyed);
  });
});

t.test('a fresh one is never an idle one', async (t) => {
  await t.test('below the limit it is dialled', async (t) => {
    const { pool, connected, ask, dials } = makePool();
    const old = await connected();
    pool.release(old, undefined);
    const [fresh, other] = [ask(true), ask()];
    await turn();
    t.equal(other?.connection, old);
    t.equal(fresh?.connection, undefined);
    await dials[1]?.succeed();
    t.ok(fresh?.connection);
  });

  await t.test('at the limit an idle one makes room', async (t) => {
    const { pool, connected, ask, dials } = makePool({ maxConnections: 1 });
    const old = await connected();
    pool.release(old, undefined);
    const fresh = ask(true);
    t.notOk(old.usable);
    await dials[1]?.succeed();
    t.ok(fresh.connection);
    t.same(pool.counts, { idle: 0, busy: 1, dialing: 0, waiting: 0 });
  });

  await t.test('at the limit without an idle one it waits for one', async (t) => {
    const { pool, connected, ask, dials } = makePool({ maxConnections: 1 });
    const old = await connected();
    const fresh = ask(true);
    t.equal(dials.length, 1);
    pool.release(old, undefined);
    await turn();
    t.notOk(old.usable);
    await dials[1]?.succeed();
    t.ok(fresh.connection);
  });

  await t.test('those behind it in the queue do not overtake it for ever', async (t) => {
    const { pool, connected, ask, dials } = makePool({ maxConnections: 1 });
    const old = await connected();
    const fresh = ask(true);
    const behind = ask();
    pool.release(old, undefined);
    await turn();
    t.equal(behind.connection, undefined);
    await dials[1]?.succeed();
    t.ok(fresh.connection);
    pool.release(fresh.connection as Connection, undefined);
    await turn();
    t.equal(behind.connection, fresh.connection);
  });
});

t.test('idle connections end', async (t) => {
  await t.test('at once where connections are not kept', async (t) => {
    const { pool, connected } = makePool({ keepAlive: false });
    const connection = await connected();
    pool.release(connection, undefined);
    t.notOk(connection.usable);
    t.same(pool.counts, { idle: 0, busy: 0, dialing: 0, waiting: 0 });
  });

  await t.test('a second before the server’s own limit', async (t) => {
    const { pool, connected } = makePool();
    for (const [hint, kept] of [
      [0, false],
      [1, false],
      [2, true],
      [undefined, true],
    ] as const) {
      const connection = await connected();
      const before = clock();
      pool.release(connection, hint);
      t.equal(connection.usable, kept, `timeout=${hint}`);
      if (hint === 2) t.ok(connection.idleUntil <= clock() + 1000 && connection.idleUntil >= before);
      connection.destroy();
    }
  });

  await t.test('which may be past before they are looked through', async (t) => {
    const { pool, connected, ask, dials } = makePool();
    const connection = await connected();
    pool.release(connection, undefined);
    connection.idleUntil = 0;
    const request = ask();
    await turn();
    t.notOk(connection.usable);
    await dials[1]?.succeed();
    t.ok(request.connection);
  });

  await t.test('all of them in time, without keeping the process', async (t) => {
    const awake = setInterval(() => undefined, 60_000);
    t.teardown(() => clearInterval(awake));
    const { pool, connected, sockets } = makePool({ idleTimeout: 1200 });
    const [a, b] = [await connected(), await connected()];
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    pool.release(a, undefined);
    pool.release(b, undefined);
    await Promise.all(closed);
    t.same(pool.counts, { idle: 0, busy: 0, dialing: 0, waiting: 0 });
  });
});

t.test('what is gone is not kept', async (t) => {
  const { pool, connected } = makePool();
  const connection = await connected();
  connection.destroy();
  pool.release(connection, undefined);
  t.same(pool.counts, { idle: 0, busy: 0, dialing: 0, waiting: 0 });
});

/** Forty who ask, one after the other, a pool of as many idle connections that came back promptly. */
async function askedPromptly(maxConnections = 50) {
  const made = makePool({ maxConnections });
  const all = Array.from({ length: 40 }, () => made.ask());
  for (const dial of [...made.dials]) await dial.succeed();
  const release = ({ connection }: Request): void => made.pool.release(connection as Connection, undefined);
  all.forEach(release);
  const before = all.map(() => made.ask());
  await turn();
  before.forEach(release);
  const asked = all.map(() => made.ask());
  await turn();
  return { ...made, asked, release, served: () => asked.filter(({ connection }) => connection !== undefined) };
}

t.test('of connections that come back promptly 32 are in use', async (t) => {
  await t.test('and who waits longest gets the next', async (t) => {
    const { pool, dials, asked, served, release } = await askedPromptly();
    t.same(pool.counts, { idle: 8, busy: 32, dialing: 0, waiting: 0 }, 'nobody lacks a connection');
    t.equal(served().length, 32);
    t.notOk(pool.isFull);
    asked.slice(0, 3).forEach(release);
    await turn();
    t.same(served(), asked.slice(0, 35));
    t.same(pool.counts, { idle: 8, busy: 32, dialing: 0, waiting: 0 });
    t.equal(dials.length, 40);
  });

  await t.test('more of them behind a turn in which none came back', async (t) => {
    const { pool, dials } = await askedPromptly();
    await turn();
    t.same(pool.counts, { idle: 0, busy: 40, dialing: 0, waiting: 0 });
    t.equal(dials.length, 40);
  });

  await t.test('who must have a fresh one does not wait, and gets the one dialled', async (t) => {
    const { dials, ask, asked, served, release } = await askedPromptly();
    const fresh = ask(true);
    t.equal(dials.length, 41);
    asked.slice(0, 1).forEach(release);
    await dials[40]?.succeed();
    t.ok(fresh.connection);
    t.notOk(fresh.connection?.reused);
    t.same(served(), asked.slice(0, 33), 'as many of the idle ones are in use as before');
  });

  await t.test('at the limit, who must have a fresh one takes one place, and is not overtaken', async (t) => {
    const { pool, dials, ask, asked, release, served } = await askedPromptly(40);
    const fresh = ask(true);
    t.same(pool.counts, { idle: 7, busy: 32, dialing: 1, waiting: 2 });
    asked.slice(0, 1).forEach(release);
    await turn();
    t.same(served(), asked.slice(0, 33));
    await dials[40]?.succeed();
    t.ok(fresh.connection);
    t.equal(dials.length, 41);
    await turn();
    t.equal(served().length, 40, 'the one given back made up for the place');
    t.same(pool.counts, { idle: 0, busy: 40, dialing: 0, waiting: 0 });
  });

  await t.test('nor by those who came in the same turn', async (t) => {
    const { pool, dials, asked, release, ask, sockets } = await askedPromptly(40);
    await turn();
    t.same(pool.counts, { idle: 0, busy: 40, dialing: 0, waiting: 0 });
    const fresh = ask(true);
    const behind = Array.from({ length: 10 }, () => ask());
    asked.slice(0, 8).forEach(release);
    await turn();
    t.equal(sockets.filter(({ destroyed }) => destroyed).length, 1);
    t.equal(dials.length, 41);
    await dials[40]?.succeed();
    t.ok(fresh.connection);
    await turn();
    t.equal(behind.filter(({ connection }) => connection !== undefined).length, 7);
  });

  await t.test('a dial that fails is nothing to who waits for another’s', async (t) => {
    const { dials, ask, asked } = await askedPromptly();
    const fresh = ask(true);
    const error = new Error('refused');
    await dials[40]?.fail(error);
    t.equal(fresh.error, error);
    t.ok(asked.every((request) => request.error === undefined));
  });

  await t.test('who gives up takes nobody’s place', async (t) => {
    const { pool, ask, asked, dials } = await askedPromptly();
    const fresh = ask(true);
    pool.cancel(asked[39] as Request);
    t.notOk(dials[40]?.signal.aborted);
    pool.cancel(fresh);
    t.ok(dials[40]?.signal.aborted);
    await turn();
    t.equal(asked[39]?.connection, undefined);
    t.same(pool.counts, { idle: 1, busy: 39, dialing: 0, waiting: 0 });
  });

  await t.test('a connection is dialled for each who waits for one that is gone', async (t) => {
    const { pool, sockets, dials, asked } = await askedPromptly();
    const inUse = new Set(asked.map(({ connection }) => connection?.secure.socket as unknown));
    const idle = sockets.filter((socket) => !inUse.has(socket));
    for (const socket of idle.slice(0, 3)) socket.emit('data', Buffer.from('unasked'));
    t.same(pool.counts, { idle: 5, busy: 32, dialing: 3, waiting: 3 });
    await turn();
    t.same(pool.counts, { idle: 0, busy: 37, dialing: 3, waiting: 3 });
    for (const dial of dials.slice(40)) await dial.succeed();
    t.same(pool.counts, { idle: 0, busy: 40, dialing: 0, waiting: 0 });
    t.ok(asked.every(({ connection }) => connection !== undefined));
  });

  await t.test('retired: who waits is served by new ones', async (t) => {
    const { pool, dials, asked } = await askedPromptly();
    void pool.retire();
    t.same(pool.counts, { idle: 0, busy: 32, dialing: 8, waiting: 8 });
    for (const dial of dials.slice(40)) await dial.succeed();
    t.ok(asked.every(({ connection }) => connection !== undefined));
  });

  await t.test('destroyed: who waits is told', async (t) => {
    const { pool, dials, asked } = await askedPromptly();
    pool.destroy();
    await turn();
    t.same(
      asked.map(({ error }) => (error as { code?: string } | undefined)?.code),
      asked.map((_, at) => (at < 32 ? undefined : 'internal')),
    );
    t.equal(dials.length, 40);
    t.same(pool.counts, { idle: 0, busy: 0, dialing: 0, waiting: 0 });
  });
});

t.test('retire: idle ones end now, busy ones when they are released, who waits is served', async (t) => {
  const { pool, connected, ask, dials } = makePool();
  const [idle, busy] = [await connected(), await connected()];
  pool.release(idle, undefined);
  const waiting = ask(true);
  let left = false;
  void pool.retire().then(() => (left = true));
  t.notOk(idle.usable);
  t.ok(busy.usable);
  await dials[2]?.succeed();
  t.ok(waiting.connection);
  pool.release(busy, undefined);
  t.notOk(busy.usable);
  t.same(pool.counts, { idle: 0, busy: 1, dialing: 0, waiting: 0 });
  await turn();
  t.equal(left, false);
  pool.release(waiting.connection as Connection, undefined);
  await pool.retire();
  t.equal(left, true);
});

t.test('retire: nothing is left when the last one who waits has given up, or fails', async (t) => {
  const { pool, ask, dials } = makePool();
  const [first, second] = [ask(), ask()];
  const retired = pool.retire();
  pool.cancel(first);
  await dials[0]?.fail(new Error('refused'));
  await retired;
  t.match(second.error, { message: 'refused' });
  await makePool().pool.retire();
});

t.test('destroy: connections, dials and waiters end at once', async (t) => {
  const { pool, connected, ask, dials, sockets } = makePool();
  const [idle, busy] = [await connected(), await connected()];
  pool.release(idle, undefined);
  const waiting = ask(true);
  pool.destroy();
  t.ok(dials[2]?.signal.aborted);
  t.notOk(idle.usable);
  t.notOk(busy.usable);
  await turn();
  t.match(waiting.error, { code: 'internal', message: /stopping/ });
  t.equal(dials.length, 3, 'nothing is dialled for those who waited');
  t.ok(sockets.every(({ destroyed }) => destroyed));
  t.same(pool.counts, { idle: 0, busy: 0, dialing: 0, waiting: 0 });
});

t.test('it tells whether somebody waits for what others have', async (t) => {
  const { pool, dials } = makePool({ maxConnections: 1 });
  t.notOk(pool.isFull);
  const first = new Request();
  pool.acquire(first);
  t.notOk(pool.isFull, 'a dial is under way');
  await dials[0]?.succeed();
  const second = new Request();
  pool.acquire(second);
  t.ok(pool.isFull);
  pool.release(first.connection as Connection, undefined);
  t.notOk(pool.isFull);
  await turn();
  t.ok(second.connection);
});

t.test('of whatever may happen nobody is left over, and nothing is dialled for nobody', async (t) => {
  for (let seed = 0; seed < 60; seed += 1) {
    const { one, pick } = chance(seed);
    const maxConnections = pick([1, 2, 33, 40, 64]);
    const clients = pick([3, 40, 90]);
    const slow = pick([2, 10, 1_000]);
    let superfluous = 0;
    const { pool, dials, sockets, ask } = makePool({ maxConnections }, () => {
      // Who has just asked is not on the list yet.
      if (pool.counts.dialing > lacking() + 1) superfluous += 1;
    });
    const isWaiting = ({ connection, error }: Request): boolean => connection === undefined && error === undefined;
    /** How many wait for whom no connection is idle. */
    const lacking = (): number => {
      const waiting = queue.filter(isWaiting);
      const fresh = waiting.filter((request) => request.fresh).length;
      return fresh + Math.max(0, waiting.length - fresh - pool.counts.idle);
    };
    const failed = new Error('refused');
    const asked: Request[] = [];
    let queue: Request[] = [];
    let busy: Request[] = [];
    let begun = 0;
    let ended = 0;
    let most = 0;
    for (let step = 0; step < 400 && (step < 120 || queue.length + busy.length > 0); step += 1) {
      const calm = step >= 120;
      while (!calm && queue.length + busy.length < clients && !one(12)) {
        const request = ask(one(30));
        asked.push(request);
        queue.push(request);
      }
      for (const given of queue.filter(() => !calm && one(60))) {
        pool.cancel(given);
        given.error ??= 'gave up';
      }
      for (; begun < dials.length && (calm || !one(3)); begun += 1) {
        if (!calm && one(8)) await dials[begun]?.fail(failed);
        else await dials[begun]?.succeed();
      }
      if (one(20)) {
        sockets.find(({ destroyed }) => !destroyed)?.emit('end');
        ended += 1;
      }
      busy = busy.filter((request) => {
        if (!calm && one(slow)) return true;
        pool.release(request.connection as Connection, undefined);
        return false;
      });
      await turn();
      busy.push(...queue.filter(({ connection }) => connection !== undefined));
      queue = queue.filter(isWaiting);
      const { idle, busy: used, dialing, waiting } = pool.counts;
      most = Math.max(most, idle + used + dialing);
      if (waiting !== lacking()) return t.fail(`seed ${seed}: ${waiting} wait, and not ${lacking()}`);
    }
    t.ok(most <= maxConnections, 'no more than may be');
    t.equal(superfluous, 0, `seed ${seed}: nothing dialled for nobody`);
    const closed = sockets.filter(({ destroyed }) => destroyed).length - ended;
    t.ok(closed <= asked.filter(({ fresh }) => fresh).length, `seed ${seed}: ${closed} made room`);
    t.same([queue.length, pool.counts.waiting], [0, 0], `seed ${seed}: of ${asked.length} all were told`);
  }
  return undefined;
});
