import { readDirectly } from '../direct-read.ts';
import type { Listed } from '../roster.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { Deadline } from './deadline.ts';
import { type Fallible, fence } from './fence.ts';

/** Who uses a connection at the moment: one exchange, until it lets go. What it throws is told to it as its failure. */
export interface ConnectionUser extends Fallible {
  /** Bytes came. */
  received(bytes: Buffer): void;
  /** The upstream closed its side, properly. */
  ended(): void;
  /** The connection is gone, by an error or without one. */
  closed(error: NodeJS.ErrnoException | undefined): void;
  /** What was written has left; more may follow. */
  drained(): void;
  /** What the connection's deadline was set for did not come. */
  expired(): void;
}

/**
 * A verified connection that carries one request after another. Its listeners are put on once; they speak to its
 * present user. Without a user nothing may come: bytes that nobody asked for, an end or an error retire it.
 */
export class Connection implements Listed {
  readonly secure: SecureConnection;
  /** Requests begun on it. */
  requests = 0;
  /** Clock reading (ms) after which it must not be used again; set while idle. */
  idleUntil = 0;
  /** In which turn it was handed out last, as its pool counts them. */
  turn = 0;
  /** In its pool. */
  place = -1;
  /** Until when its present user waits for something. */
  readonly deadline: Deadline = new Deadline(
    () => {
      if (this.#user !== undefined) fence(this.#user, this.#user.expired, undefined);
    },
    () => this.secure.unsent,
  );

  #user: ConnectionUser | undefined;
  #gone = false;
  readonly #onGone: (connection: Connection) => void;

  /** Takes a connection over; `onGone` is told once, as soon as it can carry no further request. */
  constructor(secure: SecureConnection, onGone: (connection: Connection) => void) {
    this.secure = secure;
    this.#onGone = onGone;
    const { socket } = secure;
    readDirectly(socket, (bytes) => {
      secure.confirm();
      if (this.#user !== undefined) fence(this.#user, this.#user.received, bytes);
      else this.destroy();
    });
    socket.on('end', () => {
      const { reset } = secure;
      if (reset !== undefined) socket.destroy(reset);
      else if (this.#user !== undefined) fence(this.#user, this.#user.ended, undefined);
      else this.destroy();
    });
    socket.on('drain', () => {
      if (this.#user !== undefined) fence(this.#user, this.#user.drained, undefined);
    });
    socket.on('close', () => {
      this.#leave();
      const user = this.#user;
      this.#user = undefined;
      if (user !== undefined) fence(user, user.closed, secure.lastError);
    });
  }

  /** False once it can carry no further request. */
  get usable(): boolean {
    return !this.#gone && !this.secure.deaf;
  }

  /** Whether an earlier request went over it. */
  get reused(): boolean {
    return this.requests > 1;
  }

  /** Begins a request on it. */
  occupy(user: ConnectionUser): void {
    this.requests += 1;
    this.#user = user;
  }

  /** The present user leaves it to another for good: it never goes back to the pool. */
  pass(user: ConnectionUser): void {
    this.deadline.clear();
    this.#user = user;
  }

  /** The present user is done with it and hears no more of it. */
  vacate(): void {
    this.deadline.clear();
    this.#user = undefined;
  }

  /** Closes it at once; a present user is told. */
  destroy(): void {
    this.#leave();
    this.secure.socket.destroy();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.deadline.end();
    this.#onGone(this);
  }
}
