import type { ServerResponse } from 'node:http';

/** What runs for a request, until its response is closed. */
export interface Running {
  /** Brings a tunnel to a proper end. @returns whether it is one */
  conclude(): boolean;
}

/** A request that runs. */
export interface InFlight {
  readonly response: ServerResponse;
  readonly running: Running;
  /** Its place among the others, which changes. */
  at: number;
}

/**
 * The requests that run.
 *
 * No Map or Set: each time that V8 makes the table of one anew, the old table keeps the new one alive. Once a table is in the
 * old generation, all that follow get there too, with every request in them, and each collection copies what is dead.
 */
export class RequestsInFlight implements Iterable<InFlight> {
  readonly #all: InFlight[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** In no order; none may be added or taken out meanwhile. */
  [Symbol.iterator](): Iterator<InFlight> {
    return this.#all.values();
  }

  /** @returns what {@link remove} takes */
  add(response: ServerResponse, running: Running): InFlight {
    const one = { response, running, at: this.#all.length };
    this.#all.push(one);
    return one;
  }

  /** Takes one out, once. */
  remove(one: InFlight): void {
    const last = this.#all.pop();
    if (last === undefined || last === one) return;
    this.#all[one.at] = last;
    last.at = one.at;
  }
}
