import type { Connection } from './connection.ts';
import type { Fallible } from './fence.ts';

/**
 * Somebody who needs a connection. Exactly one of `ready` and `failed` is called, once, and never within
 * `Pool.acquire`; but `failed` behind `ready`, if that throws.
 */
export interface Waiter extends Fallible {
  /** Must not get a connection that carried a request before. */
  readonly fresh: boolean;
  ready(connection: Connection): void;
}

/** Who waits for a connection, in order. */
export class Queue {
  #all: Waiter[] = [];
  /** How many of them must have a fresh one. */
  fresh = 0;

  get length(): number {
    return this.#all.length;
  }

  /** How many of them may have one that carried a request before. */
  get shared(): number {
    return this.#all.length - this.fresh;
  }

  /** Whether who waits longest must have a fresh one. */
  get beginsFresh(): boolean {
    return this.#all[0]?.fresh === true;
  }

  /** Puts one at the end. */
  push(waiter: Waiter): void {
    this.#all.push(waiter);
    if (waiter.fresh) this.fresh += 1;
  }

  /** @returns whether it was there */
  remove(waiter: Waiter): boolean {
    return this.#take(this.#all.indexOf(waiter)) !== undefined;
  }

  /**
   * How many wait for whom no idle connection is there.
   *
   * @param idle how many there are
   */
  beyond(idle: number): number {
    return this.fresh + Math.max(0, this.shared - idle);
  }

  /** Takes out who waits longest of those {@link beyond} so many idle connections. */
  next(idle: number): Waiter | undefined {
    let served = 0;
    return this.#take(this.#all.findIndex(({ fresh }) => fresh || ++served > idle));
  }

  /** Takes out who waits longest of those that may have one that carried a request before. */
  nextShared(): Waiter | undefined {
    return this.#take(this.#all.findIndex(({ fresh }) => !fresh));
  }

  /** Takes all out. */
  clear(): readonly Waiter[] {
    const all = this.#all;
    this.#all = [];
    this.fresh = 0;
    return all;
  }

  #take(at: number): Waiter | undefined {
    if (at === -1) return undefined;
    const waiter = at === 0 ? this.#all.shift() : this.#all.splice(at, 1)[0];
    if (waiter?.fresh) this.fresh -= 1;
    return waiter;
  }
}
