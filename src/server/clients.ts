import type { Socket } from 'node:net';
import type { Config } from '../config/config.ts';
import type { Surplus } from '../proxy/site.ts';

/** So many connections over the limit are kept until they have heard why; more are closed without a word. */
const surplusKept = 64;

/** The connections of several listeners together, and which of them are too many. */
export class Clients implements Iterable<Socket> {
  #limits: Pick<Config['limits'], 'connections'>;
  readonly #all = new Set<Socket>();
  readonly #surplus = new WeakMap<Socket, Surplus>();

  constructor(limits: Pick<Config['limits'], 'connections'>) {
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Socket> {
    return this.#all.values();
  }

  /** Other limits for connections from now on. */
  limit(limits: Pick<Config['limits'], 'connections'>): void {
    this.#limits = limits;
  }

  /** Takes a new connection in, until it closes; one that is far too many is destroyed. @returns whether it was taken */
  admit(socket: Socket): boolean {
    const { connections } = this.#limits;
    if (this.#all.size >= connections + surplusKept) {
      socket.destroy();
      return false;
    }
    if (this.#all.size >= connections) this.#surplus.set(socket, 'connections');
    this.#all.add(socket);
    socket.once('close', () => this.#all.delete(socket));
    return true;
  }

  /** The limit that a connection is over; undefined if it is within all. */
  surplusOf(socket: Socket): Surplus | undefined {
    return this.#surplus.get(socket);
  }
}
