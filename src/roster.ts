/** Something that is on one {@link Roster} at a time. */
export interface Listed {
  /** Its place there; only the roster writes it. -1: it is on none. */
  place: number;
}

/**
 * Those that come and go with each request or connection.
 *
 * No Set and no Map: each time that V8 makes the table of one anew, the old table keeps the new one alive. Once a table is in
 * the old generation, all that follow get there too, with everything in them, and each collection copies what is dead.
 */
export class Roster<T extends Listed> implements Iterable<T> {
  readonly #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** In no order; nothing may come or go meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#all.values();
  }

  add(one: T): void {
    one.place = this.#all.length;
    this.#all.push(one);
  }

  /** Takes one off, if it is on. */
  remove(one: T): void {
    if (one.place === -1) return;
    const last = this.#all.pop() as T;
    if (last !== one) {
      this.#all[one.place] = last;
      last.place = one.place;
    }
    one.place = -1;
  }
}
