import type { Socket } from 'node:net';
import { clock } from '../clock.ts';
import type { ListenAddress } from '../config/config.ts';
import type { ClientResponse } from '../proxy/client-message.ts';
import { type Listed, Roster } from '../roster.ts';
import type { Company } from './bind.ts';
import type { Clients } from './clients.ts';
import { type Listener, type ListenerLimits, listen, type ServeAny } from './listener.ts';

/** What runs for a request, until its response is closed. */
export interface Running {
  /** Brings a tunnel to a proper end. @returns whether it is one */
  conclude(): boolean;
}

interface InFlight extends Listed {
  readonly response: ClientResponse;
  readonly running: Running;
}

/** Serves what came by a listener, which is named as in the configuration. */
export type ServeBy = (listener: string, ...request: Parameters<ServeAny>) => Running;

type Request = Parameters<ServeAny>;

/** How long one that leaves accepts connections at most, in milliseconds, as long as there is no end of them. */
const longestShutting = 250;

/** A listener from its opening to its end: it holds requests until it may serve them, and counts those that run. */
export class Entrance {
  /** As the configuration has it. */
  where: ListenAddress;
  readonly #serve: ServeBy;
  #listener!: Listener;
  #held: Request[] | undefined = [];
  readonly #running = new Roster<InFlight>();
  #leaving = false;
  #shut: Promise<void> = Promise.resolve();
  /** Of one that leaves: it has taken all that it takes. */
  #closed = false;
  #isCut = false;
  #whenQuiet: (() => void) | undefined;

  private constructor(where: ListenAddress, serve: ServeBy) {
    this.where = where;
    this.#serve = serve;
  }

  /**
   * Listens, and serves nothing yet.
   *
   * @param clients counts its connections, with those of others
   * @param company what is known of other processes that listen on the same
   * @throws the system's error
   */
  static async open(
    where: ListenAddress,
    limits: ListenerLimits,
    clients: Clients,
    serve: ServeBy,
    company?: Company,
  ): Promise<Entrance> {
    const entrance = new Entrance(where, serve);
    entrance.#listener = await listen(where, limits, (...request) => entrance.#take(request), clients, company);
    return entrance;
  }

  /** What it really listens on. */
  get sockets(): Listener['sockets'] {
    return this.#listener.sockets;
  }

  /** Requests that run, tunnels among them. */
  get inFlight(): number {
    return this.#running.size;
  }

  /** Serves from now on, and what came before. */
  begin(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const request of held) this.#take(request);
  }

  limit(limits: ListenerLimits): void {
    this.#listener.limit(limits);
  }

  /** What of its address may change while it is open, such as a mode. @throws an error if it may not */
  adapt(where: ListenAddress): void {
    this.#listener.adapt(where);
  }

  /**
   * Takes no new connection, once what has been sent is read, and makes the next response on each that it has the last one;
   * resolves when all connections and requests have ended.
   *
   * @param atOnce what has been sent is lost, and a new connection is refused from this moment on
   */
  async leave(atOnce = false): Promise<void> {
    this.#leaving = true;
    for (const { response } of this.#running) isLast(response);
    if (!atOnce) {
      this.#shut = this.#readOn();
      await this.#shut;
    }
    this.#closed = true;
    const closed = this.#listener.close();
    if (this.#isCut) this.#listener.closeAll();
    else this.#listener.closeIdle();
    await closed;
    // A request may be over a moment after its connection.
    if (this.#running.size > 0) await new Promise<void>((resolve) => (this.#whenQuiet = resolve));
  }

  /** Of one that leaves: resolves when it takes nothing new. */
  get shut(): Promise<void> {
    return this.#shut;
  }

  /**
   * Resolves when the connections that had come are accepted, and what had been sent on them is read: the kernel would reset one that is
   * closed with something unread, and the request be lost.
   */
  async #readOn(): Promise<void> {
    const end = clock() + longestShutting;
    let before: number;
    do {
      before = this.#listener.accepted;
      // One connection is accepted in each; and behind the last one, what came by it is read.
      for (let turns = 3; turns > 0; turns -= 1) await new Promise(setImmediate);
    } while (!this.#isCut && this.#listener.accepted !== before && clock() < end);
  }

  /** Ends requests at once, and tunnels properly. @returns whether there are any of those */
  conclude(): boolean {
    const spared = new Set<Socket>();
    const all = [...this.#running];
    for (const { response, running } of all) if (running.conclude()) spared.add(response.req.socket);
    // On the connection of a tunnel there may be the CONNECT that it came in.
    for (const { response } of all) if (!spared.has(response.req.socket)) response.req.socket.destroy();
    return spared.size > 0;
  }

  /** Ends every connection at once, and those that still come. */
  cut(): void {
    this.#isCut = true;
    this.#listener.closeAll();
  }

  #take(request: Request): void {
    const [, response] = request;
    // Its client has left while it was held.
    if (response.destroyed) return;
    if (this.#held !== undefined) {
      this.#held.push(request);
      return;
    }
    if (this.#leaving) isLast(response);
    const one = { response, running: this.#serve(this.#listener.name, ...request), place: -1 };
    this.#running.add(one);
    response.on('close', () => {
      this.#running.remove(one);
      // A client's connection is idle only after its response's last event.
      if (this.#closed) setImmediate(() => this.#listener.closeIdle());
      if (this.#running.size === 0) this.#whenQuiet?.();
    });
  }
}

/** Tells the client, if it still can be told, that its connection ends behind this response. */
function isLast(response: ClientResponse): void {
  if (!response.headersSent) response.shouldKeepAlive = false;
}
