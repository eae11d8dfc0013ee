import type { Socket } from 'node:net';
import { isLoopback } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import type { Surplus } from '../proxy/site.ts';

/** How many connections there may be. */
export type ConnectionLimits = Pick<Config['limits'], 'connections' | 'connectionsPerClient'>;

/** So many connections over a limit are kept until they have heard why; more are closed without a word. */
const surplusKept: Readonly<Record<Surplus, number>> = { connections: 64, connectionsPerClient: 4 };

/** The connections of several listeners together, and which of them are too many. */
export class Clients implements Iterable<Socket> {
  #limits: ConnectionLimits;
  readonly #all = new Set<Socket>();
  /** Those that count: the others have had their last answer. */
  readonly #served = new Set<Socket>();
  /** How many of them are of each address of another machine. */
  readonly #counts = new Map<string, number>();
  readonly #surplus = new WeakMap<Socket, Surplus>();

  constructor(limits: ConnectionLimits) {
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
  limit(limits: ConnectionLimits): void {
    this.#limits = limits;
  }

  /** Takes a new connection in, until it closes; one that is far too many is destroyed. @returns whether it was taken */
  admit(socket: Socket): boolean {
    const address = addressOf(socket);
    const counts = { connections: this.#served.size, connectionsPerClient: this.#countOf(address) };
    const isOver = (key: Surplus, kept = 0): boolean => counts[key] >= this.#limits[key] + kept;
    const keys: readonly Surplus[] = ['connectionsPerClient', 'connections'];
    const isFull = this.#all.size >= this.#limits.connections + surplusKept.connections;
    if (isFull || keys.some((key) => isOver(key, surplusKept[key]))) {
      socket.destroy();
      return false;
    }
    const surplus = keys.find((key) => isOver(key));
    if (surplus !== undefined) this.#surplus.set(socket, surplus);
    this.#all.add(socket);
    this.#served.add(socket);
    this.#count(address, 1);
    socket.once('close', () => {
      this.dismiss(socket, address);
      this.#all.delete(socket);
    });
    return true;
  }

  /** A connection has had its last answer: it makes room for another one, even if it is not closed yet. */
  dismiss(socket: Socket, address: string | undefined = addressOf(socket)): void {
    if (this.#served.delete(socket)) this.#count(address, -1);
  }

  /** The limit that a connection is over; undefined if it is within all. */
  surplusOf(socket: Socket): Surplus | undefined {
    return this.#surplus.get(socket);
  }

  #countOf(address: string | undefined): number {
    return address === undefined ? 0 : (this.#counts.get(address) ?? 0);
  }

  #count(address: string | undefined, by: number): void {
    if (address === undefined) return;
    const count = this.#countOf(address) + by;
    if (count === 0) this.#counts.delete(address);
    else this.#counts.set(address, count);
  }
}

/** What tells a client from others; undefined for those on this machine, whose programs have one address together. */
function addressOf({ remoteAddress }: Socket): string | undefined {
  if (remoteAddress === undefined || isLoopback({ host: remoteAddress, port: 0 })) return undefined;
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}
