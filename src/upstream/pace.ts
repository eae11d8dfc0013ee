import type { Connection } from './connection.ts';

/** So many connections are in use before a request waits for one that comes back promptly, instead of taking another. */
const enough = 32;

/** A connection comes back promptly if it does in the turn of the event loop behind that in which it was handed out, or so many later. */
const later = 1;

/**
 * How many of a pool's connections are in use at once while others are idle.
 *
 * Where the upstream answers sooner than this process gets round, more connections in use bring no request forward, and
 * cost: each is memory that has left the processor's cache until its turn comes. So beyond {@link enough} a request
 * waits as long as connections come back promptly. After a turn of the event loop in which none did, all are served:
 * where the upstream is what takes the time, that is the very next turn.
 */
export class Pace {
  /** Counts the turns in which idle connections are handed out; none was before the first. */
  #turn = later + 1;
  /** How many came back promptly since the last of them. */
  #prompt = 0;

  /**
   * Begins a turn.
   *
   * @returns how many connections may be in use; an idle one more is handed out only below that
   */
  begin(): number {
    this.#turn += 1;
    const most = this.#prompt > 0 ? enough : Infinity;
    this.#prompt = 0;
    return most;
  }

  /** An idle connection is handed out. */
  left(connection: Connection): void {
    connection.turn = this.#turn;
  }

  /** A connection is idle again. */
  returned(connection: Connection): void {
    if (this.#turn - connection.turn <= later) this.#prompt += 1;
  }
}
