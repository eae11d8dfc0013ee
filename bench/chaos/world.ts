import { once } from 'node:events';
import { connect } from 'node:net';
import type { Chance } from '../../test/fixtures/chance.ts';
import { Wire } from '../../test/fixtures/wire.ts';
import type { Ledger } from './ledger.ts';
import type { RouteSpec } from './routes.ts';

/** What a client of the run works with. */
export interface World {
  readonly ledger: Ledger;
  readonly routes: readonly RouteSpec[];
  /** The proxy's listener. */
  readonly port: number;
  /** False while a flood takes the places: who comes then may be sent away without a word. */
  roomy: boolean;
  /** Does what gets along with no other such thing when its turn comes. */
  readonly turn: Turn;
  /** Open connections of clients. */
  readonly wires: Set<Wire>;
}

/** Acts one after the other. */
export type Turn = <T>(act: () => Promise<T>) => Promise<T>;

/** Makes turns: each act waits for those before it, whatever becomes of them. */
export function turns(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next;
    return next;
  };
}

/** A client's connection to the proxy. */
export interface Line {
  readonly wire: Wire;
  /** The proxy has taken it for good: there was room when it came, or something was answered on it. */
  sure: boolean;
}

/** How long a client waits for anything before it calls that a fault, in milliseconds: the time-outs are some seconds. */
const patience = 90_000;

/** Connects a client. */
export async function dial(world: World): Promise<Line> {
  const socket = connect({ port: world.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const before = world.roomy;
  const wire = new Wire(socket);
  world.wires.add(wire);
  wire.closed.then(() => world.wires.delete(wire));
  await Promise.race([once(socket, 'connect'), wire.closed]);
  return { wire, sure: before && world.roomy };
}

/** Sends bytes without waiting for them to leave; a connection that is gone is noticed by who reads. */
export function put({ wire }: Line, bytes: string | Buffer): void {
  if (wire.socket.writable) wire.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
}

/** Ends a client's connection for good: by a FIN, by closing, or by a reset. */
export async function hangUp({ wire }: Line, dice: Chance): Promise<void> {
  if (dice.one(3)) wire.end();
  else if (dice.one(2)) wire.reset();
  if (!wire.socket.destroyed) wire.drop();
  await wire.closed;
}

/** Waits for something, but not for ever. @throws Error that says what did not come */
export async function patiently<T>(what: string, waiting: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} after ${patience / 1000} s`)), patience);
  });
  return Promise.race([waiting, late]).finally(() => clearTimeout(timer));
}
