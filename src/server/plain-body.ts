import type { Socket } from 'node:net';
import type { BodySource } from '../proxy/client-message.ts';

/** What a piece costs besides its bytes, about: a client may send one byte at a time. */
export const pieceCost = 256;

/**
 * With so many bytes that nobody has taken, the cost of their pieces included, the client is held back: three reads of Node's. They
 * go on together, which wakes the client and the upstream a third as often.
 */
const mostHeld = 192 * 1024;

function nothing(): void {}

/**
 * The body of a plain request as it comes: so many bytes as the head says. Its members are those of Node's IncomingMessage, and
 * `next`. It is held until somebody reads it, and while he takes no more.
 */
export class PlainBody implements BodySource {
  readonly rawTrailers: string[] = [];
  readableEnded = false;
  readonly #socket: Socket;
  /** Bytes that are still to come. */
  #owed: number;
  #held: Buffer[] = [];
  /** In bytes, with what its pieces cost. */
  #heldCost = 0;
  #isPaused = false;
  /** Somebody is told of it, or nobody ever will be. */
  #flows = false;
  #telling = false;
  #holdsBack = false;
  #isOver = false;
  #data: (chunk: Buffer) => void = nothing;
  #end: () => void = nothing;
  readonly #closing: (() => void)[] = [];

  /** @param first what came with the head */
  constructor(socket: Socket, length: number, first: Buffer | undefined) {
    this.#socket = socket;
    this.#owed = length;
    if (first !== undefined) this.came(first);
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return this.#owed === 0;
  }

  /** Whether the client is held back, until more of what has come is taken. */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  isPaused(): boolean {
    return this.#isPaused;
  }

  on(event: 'data', listener: (chunk: Buffer) => void): void;
  on(event: 'end', listener: () => void): void;
  on(event: 'data' | 'end', listener: (chunk: Buffer) => void): void {
    if (event === 'data') this.#data = listener;
    else this.#end = listener as () => void;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flows = true;
    this.#tell();
    if (!this.#holdsBack || this.#heldCost >= mostHeld) return;
    this.#holdsBack = false;
    this.#socket.resume();
  }

  /** Nobody reads it any more: the rest is dropped. */
  drop(): void {
    this.#data = nothing;
    this.#end = nothing;
    this.#held = [];
    this.#heldCost = 0;
    this.resume();
  }

  next(): Buffer | undefined {
    const chunk = this.#held.shift();
    if (chunk !== undefined) this.#heldCost -= chunk.length + pieceCost;
    return chunk;
  }

  /**
   * More of its connection has come.
   *
   * @returns what is behind its end
   */
  came(bytes: Buffer): Buffer | undefined {
    const length = Math.min(bytes.length, this.#owed);
    this.#owed -= length;
    this.#held.push(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.#heldCost += length + pieceCost;
    this.#tell();
    if (this.complete) this.over();
    else if (this.#heldCost >= mostHeld && !this.#holdsBack) {
      this.#holdsBack = true;
      this.#socket.pause();
    }
    return length === bytes.length ? undefined : bytes.subarray(length);
  }

  /** Calls when nothing more of it comes, unless that is so already. */
  whenOver(listener: () => void): void {
    if (!this.#isOver) this.#closing.push(listener);
  }

  /** Nothing more of it comes: it is there, or its connection is closed. */
  over(): void {
    this.#isOver = true;
    for (const listener of this.#closing.splice(0)) listener();
  }

  #tell(): void {
    // Whoever is told may pause and resume it meanwhile.
    if (this.#telling || !this.#flows) return;
    this.#telling = true;
    while (!this.#isPaused) {
      const chunk = this.next();
      if (chunk === undefined) break;
      this.#data(chunk);
    }
    this.#telling = false;
    if (this.#owed > 0 || this.#held.length > 0 || this.#isPaused || this.readableEnded) return;
    this.readableEnded = true;
    this.#end();
  }
}
