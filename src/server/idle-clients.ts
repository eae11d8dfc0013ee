import type { Socket } from 'node:net';
import { type Listed, Roster } from '../roster.ts';

interface Client extends Listed {
  readonly socket: Socket;
  /** The look since which it has no request; -1 while Node's server has one of it, or knows how long it may have none. */
  since: number;
  /** Bytes that had come by it at the last look of those. */
  read: number;
  /** As long as it has sent nothing. */
  silence: Silence | undefined;
  readonly path: Path | undefined;
}

/** What a connection is served by past Node's server, which sets no time-out of it as long as it is. */
export interface Path {
  /** Whether it has a request that is not answered. */
  readonly isAnswering: boolean;
}

/** What is done about a client that has sent nothing since it came. */
export interface Silence {
  /** How long that may last at least, in milliseconds. */
  readonly patience: number;
  tell(socket: Socket): void;
}

/**
 * Ends connections on which no other request comes, in the place of Node's server. It would set a timer of the connection behind each
 * response and take it off with the next request; here that is noted, and looked at now and then. Where Node's server is passed by, nothing
 * is noted either: what has been read since the look before is what tells.
 */
export class IdleClients {
  readonly #interval: number;
  /** Looks for which a connection stays. */
  readonly #patience: number;
  readonly #clients = new Roster<Client>();
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param idle how long a connection stays at least, in milliseconds
   * @param interval how often it is looked; so much longer a connection may stay
   */
  constructor(idle: number, interval: number) {
    this.#interval = interval;
    this.#patience = Math.ceil(idle / interval);
  }

  /**
   * Looks after a connection from now on. What Node's server sets as its time-out no longer is one.
   *
   * @param silence left out where Node's server looks after those that have sent nothing
   * @param path left out where Node's server serves it from the beginning
   */
  watch(socket: Socket, silence?: Silence, path?: Path): void {
    const start = silence === undefined ? { since: -1, read: -1 } : { since: this.#looks, read: 0 };
    const client: Client = { socket, ...start, place: -1, silence, path };
    socket.setTimeout = (ms) => {
      client.since = ms > 0 ? this.#looks : -1;
      client.silence = undefined;
      return socket;
    };
    this.#clients.add(client);
    this.#timer ??= setInterval(this.#look, this.#interval).unref();
    socket.once('close', () => {
      this.#clients.remove(client);
      if (this.#clients.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  readonly #look = (): void => {
    this.#looks += 1;
    for (const client of [...this.#clients]) if (client.since !== -1) this.#lookAt(client);
  };

  #lookAt(client: Client): void {
    const { bytesRead } = client.socket;
    // The beginning of a request is no silence: how long that may take, Node's server knows.
    if (bytesRead !== client.read || client.path?.isAnswering) client.since = this.#looks;
    if (bytesRead > 0) client.silence = undefined;
    client.read = bytesRead;
    const { silence, socket } = client;
    const patience = silence === undefined ? this.#patience : Math.ceil(silence.patience / this.#interval);
    if (this.#looks - client.since <= patience) return;
    client.since = -1;
    if (silence === undefined) socket.destroy();
    else silence.tell(socket);
  }
}
