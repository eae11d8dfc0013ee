import type { Socket } from 'node:net';
import type { PlainHead, PlainRequest } from './plain-request.ts';

/** So many requests are known again by their heads. */
const most = 4;

/** The heads of a connection's last requests, those found last first: most clients ask for the same again, or for a few things in turn. */
export class KnownHeads {
  readonly #all: PlainHead[] = [];

  /** Whether the next that is added takes another one's place. */
  get isFull(): boolean {
    return this.#all.length === most;
  }

  /** @returns the request that such bytes are; undefined if they begin with none of these heads */
  request(bytes: Buffer, socket: Socket): PlainRequest | undefined {
    for (let at = 0; at < this.#all.length; at += 1) {
      const head = this.#all[at] as PlainHead;
      const request = head.request(bytes, socket);
      if (request === undefined) continue;
      this.#all.copyWithin(1, 0, at);
      this.#all[0] = head;
      return request;
    }
    return undefined;
  }

  add(head: PlainHead): void {
    this.#all.unshift(head);
    if (this.#all.length > most) this.#all.pop();
  }

  clear(): void {
    this.#all.length = 0;
  }
}

/**
 * The heads that were new last, of one client by whichever of its connections: those that ask for the same have one head together, and
 * what was found out for it, so that it stays in the processor's cache. A client is one address; of the latest one alone the heads are
 * known. They are kept by nobody but the connections that know them, and go with those.
 */
export class HeadsOfClient {
  #all: WeakRef<PlainHead>[] = [];
  #address: string | undefined;

  /** The same as {@link KnownHeads.request}. */
  request(bytes: Buffer, socket: Socket): PlainRequest | undefined {
    if (socket.remoteAddress !== this.#address) return undefined;
    for (const head of this.#all) {
      const request = head.deref()?.request(bytes, socket);
      if (request !== undefined) return request;
    }
    return undefined;
  }

  /**
   * One that shows who asks is left out: all users of a machine have one address, and none may find out, by the time that it takes, how
   * far what it sends is what another one sent.
   *
   * @param socket by which it came
   */
  add(head: PlainHead, { remoteAddress }: Socket): void {
    if (head.showsWho) return;
    const others = remoteAddress === this.#address ? this.#all : [];
    this.#address = remoteAddress;
    this.#all = [new WeakRef(head), ...others.slice(0, most - 1)];
  }

  clear(): void {
    this.#all = [];
  }
}
