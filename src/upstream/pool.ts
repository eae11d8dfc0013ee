import { clock } from '../clock.ts';
import type { PoolSettings } from '../config/config.ts';
import { ProxyError } from '../errors.ts';
import { Roster } from '../roster.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { Connection } from './connection.ts';
import { fence } from './fence.ts';
import { Pace } from './pace.ts';
import { Queue, type Waiter } from './queue.ts';

/** How often idle connections are looked through, in milliseconds. */
const sweepInterval = 1_000;

/** A server's own idle limit is undercut by this much, in milliseconds, so that its close and our request do not cross. */
const idleMargin = 1_000;

/**
 * The connections of one route, and of no other: a connection carries an identity. Idle ones are used newest first.
 *
 * At most `maxConnections` exist, those being made included; further waiters queue in order. A dial belongs to nobody
 * in particular: whoever waits longest gets what comes, and a dial that fails fails one waiter, never the queue.
 * Some wait for a connection that comes back although there are idle ones: see {@link Pace}.
 */
export class Pool {
  readonly #settings: PoolSettings;
  readonly #connect: (signal: AbortSignal) => Promise<SecureConnection>;
  readonly #idle: Connection[] = [];
  readonly #all = new Roster<Connection>();
  readonly #dials: AbortController[] = [];
  readonly #pace = new Pace();
  readonly #waiting = new Queue();
  #matching = false;
  #isHandingOut = false;
  #sweep: NodeJS.Timeout | undefined;
  #retired = false;
  /** Of a retired one: what resolves when nothing of it is left. */
  #emptied: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(settings: PoolSettings, connect: (signal: AbortSignal) => Promise<SecureConnection>) {
    this.#settings = settings;
    this.#connect = connect;
  }

  /** Connections by what they do now, and how many wait for whom none is idle: a held back one lacks no connection. */
  get counts(): { readonly idle: number; readonly busy: number; readonly dialing: number; readonly waiting: number } {
    const idle = this.#idle.length;
    return { idle, busy: this.#all.size - idle, dialing: this.#dials.length, waiting: this.#wanted };
  }

  /** Whether somebody waits for a connection that another has to give back. */
  get isFull(): boolean {
    return this.#waiting.length > this.#dials.length + this.#idle.length;
  }

  /** How many wait for whom there is no idle connection. */
  get #wanted(): number {
    return this.#waiting.beyond(this.#idle.length);
  }

  get #isAtLimit(): boolean {
    return this.#all.size + this.#dials.length >= this.#settings.maxConnections;
  }

  /** Queues for a connection. */
  acquire(waiter: Waiter): void {
    this.#waiting.push(waiter);
    if (this.#idle.length > 0 && !waiter.fresh) this.#matchSoon();
    else this.#dial();
  }

  /** Takes a waiter out of the queue; a dial that nobody needs any more is ended. Without effect once it was served. */
  cancel(waiter: Waiter): void {
    if (!this.#waiting.remove(waiter)) return;
    while (this.#dials.length > this.#wanted) this.#dials.pop()?.abort(unneeded);
    this.#checkEmpty();
  }

  /**
   * Takes a connection back after a request that ended well.
   *
   * @param idleHint seconds for which the server said it keeps the connection (`Keep-Alive: timeout`)
   */
  release(connection: Connection, idleHint: number | undefined): void {
    connection.vacate();
    const hinted = idleHint === undefined ? Infinity : idleHint * 1_000 - idleMargin;
    const idle = Math.min(this.#settings.idleTimeout, hinted);
    if (!connection.usable || this.#retired || !this.#settings.keepAlive || idle <= 0 || isWorn(connection)) {
      connection.destroy();
      return;
    }
    connection.idleUntil = clock() + idle;
    this.#idle.push(connection);
    this.#pace.returned(connection);
    if (this.#waiting.length > 0) this.#matchSoon();
    this.#sweep ??= setTimeout(this.#sweepIdle, sweepInterval).unref();
  }

  /**
   * Ends idle connections now and busy ones when they are released. Who waits is still served.
   *
   * @returns resolves when there is no connection and nobody who waits
   */
  retire(): Promise<void> {
    this.#retired = true;
    for (const connection of [...this.#idle]) connection.destroy();
    this.#emptied ??= new Promise((resolve) => (this.#whenEmpty = resolve));
    this.#checkEmpty();
    return this.#emptied;
  }

  /** Ends every connection and dial at once. Who waits is told. */
  destroy(): void {
    const waiting = this.#waiting.clear();
    void this.retire();
    for (const dial of [...this.#dials]) dial.abort(unneeded);
    for (const connection of [...this.#all]) connection.destroy();
    for (const waiter of waiting) waiter.failed(stopping());
  }

  /**
   * Idle connections are handed out only after the event loop has read from all sockets once more: bytes that the
   * server sent unasked would otherwise be taken for the next request's response (CVE-2026-48931).
   */
  #matchSoon(): void {
    if (this.#matching) return;
    this.#matching = true;
    setImmediate(this.#match);
  }

  readonly #match = (): void => {
    this.#matching = false;
    const now = clock();
    // At the limit only the place of an idle connection helps a waiter that must not have one: it goes to who is first.
    const kept = this.#isAtLimit && this.#dials.length < this.#waiting.fresh && this.#waiting.beginsFresh ? 1 : 0;
    this.#pace.begin();
    this.#isHandingOut = true;
    // As many as wait now at most: who is served may queue others.
    for (let most = this.#waiting.shared; most > 0 && this.#waiting.shared > 0; most -= 1) {
      const connection = this.#idle.length > kept && this.#pace.allows ? this.#newestIdle(now) : undefined;
      if (connection === undefined) break;
      this.#pace.left(connection);
      const waiter = this.#waiting.nextShared() as Waiter;
      fence(waiter, waiter.ready, connection);
    }
    this.#isHandingOut = false;
    if (this.#waiting.shared > 0 && this.#idle.length > 0) this.#matchSoon();
    this.#dial();
  };

  /** Takes out the idle connection that was in use last, and ends those that have been idle for too long. */
  #newestIdle(now: number): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.idleUntil > now) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** Makes as many connections as there are waiters without one on its way, as far as the limit allows. */
  #dial(): void {
    // As long as idle ones are handed out, it is not known who is left.
    if (this.#isHandingOut) return;
    while (this.#dials.length < this.#wanted) {
      if (this.#isAtLimit) {
        // At the limit, only a waiter that must not share has a reason to take an idle connection's place.
        if (this.#dials.length >= this.#waiting.fresh || this.#idle.length === 0) return;
        this.#idle[0]?.destroy();
        continue;
      }
      const controller = new AbortController();
      this.#dials.push(controller);
      this.#connect(controller.signal).then(
        (secure) => this.#dialled(controller, secure),
        (error: unknown) => this.#dialFailed(controller, error),
      );
    }
  }

  #dialled(controller: AbortController, secure: SecureConnection): void {
    this.#forgetDial(controller);
    const connection = new Connection(secure, this.#gone);
    this.#all.add(connection);
    const waiter = this.#waiting.next(this.#idle.length);
    if (waiter !== undefined) fence(waiter, waiter.ready, connection);
    else this.release(connection, undefined);
  }

  #dialFailed(controller: AbortController, error: unknown): void {
    this.#forgetDial(controller);
    if (error !== unneeded) this.#waiting.next(this.#idle.length)?.failed(error);
    this.#dial();
    this.#checkEmpty();
  }

  #forgetDial(controller: AbortController): void {
    const at = this.#dials.indexOf(controller);
    if (at !== -1) this.#dials.splice(at, 1);
  }

  readonly #gone = (connection: Connection): void => {
    this.#all.remove(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#waiting.length > 0) this.#dial();
    this.#checkEmpty();
  };

  #checkEmpty(): void {
    if (this.#all.size + this.#dials.length + this.#waiting.length === 0) this.#whenEmpty?.();
  }

  readonly #sweepIdle = (): void => {
    this.#sweep = undefined;
    const now = clock();
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) connection.destroy();
    if (this.#idle.length > 0) this.#sweep = setTimeout(this.#sweepIdle, sweepInterval).unref();
  };
}

const stopping = (): ProxyError => new ProxyError('internal', 'the proxy is stopping', { source: 'internal' });

/** A connection whose bytes go through JavaScript carries few requests; the next one by the same offer goes without. */
const tappedRequests = 32;

function isWorn({ secure, requests }: Connection): boolean {
  return secure.tapped && requests >= tappedRequests;
}

/** The reason with which dials are ended that nobody waits for. */
const unneeded = new Error('nobody waits for this connection any more');
