import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { orphaned, SocketOwners } from '../proxy/socket-owners.ts';
import { isServed } from './fast-path.ts';

/** How often clients that are held back are looked after, in milliseconds: twice within a second. */
const interval = 400;

/** What Node's server keeps of a socket that it reads: the response whose turn it is. */
type Served = Socket & { _httpMessage?: ServerResponse | null };

/**
 * Notices clients that leave while nothing is read from them. Node learns only by reading that a client has left, and who sends
 * more than is taken is not read: an upload that nobody wants any more would keep its upstream's connection until a time-out.
 *
 * So while requests are under way, each client that is not read gets a write of no bytes now and then. It sends nothing, but
 * the kernel answers it with the connection's error: ECONNRESET behind a reset, EPIPE behind the close of a Unix socket. Node
 * takes that for any other error, and closes the connection. That is so as well for who has ended its side of a tunnel, or
 * seems to: libuv tells of a reset behind bytes as if it were an end.
 *
 * A TCP client that closes says so behind all that it sent before, where no read comes to. Only its own kernel knows: where
 * that is ours, on Linux, its table of sockets has one that no program has open. In a tunnel such a client may have said all
 * that it had to say, and is left alone.
 */
export class Departures {
  readonly #clients: Iterable<Served>;
  readonly #busy: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  /** Those on this machine that were held back at the last look, and how many bytes of them had been read. */
  #held = new Map<Socket, number>();
  readonly #owners = new SocketOwners();
  /** Those that are being looked for in the kernel's table. */
  readonly #sought = new Set<Socket>();

  /**
   * @param clients the process's connections
   * @param busy whether a request is under way
   */
  constructor(clients: Iterable<Served>, busy: () => boolean) {
    this.#clients = clients;
    this.#busy = busy;
  }

  /** Begins, until no request is under way. One timer for all of them: nothing is done for each request. */
  watch(): void {
    this.#timer ??= setInterval(this.#look, interval).unref();
  }

  readonly #look = (): void => {
    const before = this.#held;
    this.#held = new Map();
    if (!this.#busy()) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const client of this.#clients) {
      if (!client.writable || !(client.isPaused() || client.readableEnded)) continue;
      // Behind what waits to be written, the kernel tells by itself.
      if (client.writableLength === 0) client.write('');
      if (!(client._httpMessage || isServed(client)) || !isHere(client)) continue;
      this.#held.set(client, client.bytesRead);
      if (before.get(client) === client.bytesRead) void this.#closeOrphan(client);
    }
  };

  async #closeOrphan(client: Socket): Promise<void> {
    if (this.#sought.has(client)) return;
    this.#sought.add(client);
    const owner = await this.#owners.find(client);
    this.#sought.delete(client);
    if (owner === orphaned && client.isPaused() && this.#held.get(client) === client.bytesRead) client.destroy();
  }
}

/** Whether a client is on this machine: it has an address of it. */
function isHere({ localAddress, remoteAddress }: Socket): boolean {
  return remoteAddress !== undefined && (remoteAddress === localAddress || /^(?:::ffff:)?127\./.test(remoteAddress));
}
