import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Peer } from '../../test/fixtures/peers.ts';
import type { Pki } from '../../test/fixtures/pki.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { resident } from '../../test/fixtures/vitals.ts';
import { put } from './load.ts';
import type { Scenario } from './scenarios.ts';
import { ours, type Subject, subjects, type Way } from './subjects.ts';
import { cpuTime } from './usage.ts';

/** What one turn of one proxy in one scenario came to. */
export interface Turn {
  /** CPU time of its process for each request, in microseconds. */
  readonly cost: number;
  /** The same for each MiB of bodies, both ways. */
  readonly costPerMebibyte: number;
  readonly perSecond: number;
  readonly mebibytesPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Memory that it has resident after the turn, when those who sent nothing have gone, in MiB. */
  readonly resident: number;
}

/** Where the measuring takes place. */
export interface Field {
  readonly pki: Pki;
  readonly upstream: Peer;
  /** Cores for the proxies, and for the upstream and the clients; undefined: any. */
  readonly cores: { readonly proxy: number | undefined; readonly rest: number | undefined };
}

const mebibyte = 2 ** 20;

/** Runs every proxy on a scenario's way, each started once for all rounds and scenarios of that way. */
export class Stable {
  readonly #scope: Scope;
  readonly #field: Field;
  readonly #running = new Map<string, Promise<Peer>>();

  constructor(scope: Scope, field: Field) {
    this.#scope = scope;
    this.#field = field;
  }

  /** The running proxy of a subject that goes this way. */
  start(subject: Subject, way: Way): Promise<Peer> {
    const key = `${subject.name} ${JSON.stringify(way)}`;
    const { pki, upstream, cores } = this.#field;
    const peer =
      this.#running.get(key) ?? subject.start(this.#scope, { pki, upstream: upstream.port, core: cores.proxy }, way);
    this.#running.set(key, peer);
    return peer;
  }
}

/** What takes turns in a scenario: a proxy, or ours in a scenario of its own. */
export interface Taker {
  readonly name: string;
  readonly subject: Subject;
  readonly scenario: Scenario;
}

/** Who takes part in a scenario, of the proxies that are asked for. */
export function takers(scenario: Scenario, names: readonly string[]): readonly Taker[] {
  const { way, load, idle = 0 } = scenario;
  if (scenario.ours !== undefined) {
    return names.includes(ours.name)
      ? scenario.ours.map((one) => ({ name: one.name, subject: ours, scenario: one }))
      : [];
  }
  return subjects
    .filter(({ name, can }) => names.includes(name) && can(way, load, idle))
    .map((subject) => ({ name: subject.name, subject, scenario }));
}

/**
 * One turn of one proxy.
 *
 * @throws if a response was no success, or a connection failed
 */
export async function turn(
  peer: Peer,
  { load, idle = 0, least = 0 }: Scenario,
  seconds: number,
  field: Field,
): Promise<Turn> {
  const url = `http://127.0.0.1:${peer.port}`;
  const sleeping = await connectIdle(peer.port, idle);
  if (idle > 0) await atRest(peer.pid);
  const before = await cpuTime(peer.pid);
  const { requests, seconds: took, bytes, p50, p99 } = await put(load, url, Math.max(seconds, least), field.cores.rest);
  const spent = (await cpuTime(peer.pid)) - before;
  for (const socket of sleeping) socket.destroy();
  if (idle > 0) await atRest(peer.pid);
  const mebibytes = (bytes + requests * (load.body ?? 0)) / mebibyte;
  return {
    cost: (spent / requests) * 1e6,
    costPerMebibyte: (spent / mebibytes) * 1e6,
    perSecond: requests / took,
    mebibytesPerSecond: mebibytes / took,
    p50,
    p99,
    resident: (await resident(peer.pid)) / mebibyte,
  };
}

/**
 * Waits until a process does no more for connections that have come or gone: stunnel makes one to the upstream for each.
 *
 * @throws if it goes on for half a minute
 */
async function atRest(pid: number): Promise<void> {
  const end = performance.now() + 30_000;
  for (let before = await cpuTime(pid); performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await cpuTime(pid);
    // The kernel counts in hundredths.
    if (now - before < 0.015) return;
    before = now;
  }
  throw new Error(`process ${pid} has not come to rest`);
}

async function connectIdle(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let left = count; left > 0; left -= 1) {
    const socket = connect(port, '127.0.0.1');
    // The proxy may end them after the turn: that is no matter here.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    sockets.push(socket);
  }
  return sockets;
}
