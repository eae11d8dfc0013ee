import type { Connection } from './connection.ts';

/** So many connections may be under way to come back promptly. */
const enough = 32;

/**
 * How many of a pool's connections are in use at once while others are idle.
 *
 * Where the upstream answers sooner than this process gets round, more connections in use bring no request forward, and
 * cost: each is memory that has left the processor's cache until its turn comes. So as long as connections come back
 * promptly, which is in the turn of the event loop behind that in which they were handed out or in the next, no more than
 * {@link enough} are out that still can. Those that take longer do not count; and behind a turn in which none came back
 * promptly, all are handed out: where the upstream is what takes the time, that is the very next turn.
 */
export class Pace {
  /** Counts the turns in which connections are handed out; none was before the first. */
  #turn = 2;
  /** How many that were handed out in this turn have not come back. */
  #out = 0;
  /** The same of the turn before. */
  #outBefore = 0;
  /** Whether one came back promptly since the last turn began. */
  #prompt = false;
  #most = Infinity;

  /** Begins a turn. */
  begin(): void {
    this.#turn += 1;
    this.#outBefore = this.#out;
    this.#out = 0;
    this.#most = this.#prompt ? enough : Infinity;
    this.#prompt = false;
  }

  /** Whether one more may be handed out in this turn. */
  get allows(): boolean {
    return this.#out + this.#outBefore < this.#most;
  }

  /** An idle connection is handed out. */
  left(connection: Connection): void {
    connection.turn = this.#turn;
    this.#out += 1;
  }

  /** A connection is idle again. */
  returned({ turn }: Connection): void {
    if (turn < this.#turn - 1) return;
    if (turn === this.#turn) this.#out -= 1;
    else this.#outBefore -= 1;
    this.#prompt = true;
  }
}
