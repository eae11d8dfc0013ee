import type { Learned } from '../server/snapshot.ts';

/**
 * What workers have found out of offers, as long as a route is not at its top one. For each there is one worker that tries the
 * higher ones again in the background, for all: who fell back, and behind its end another one.
 */
export class KnownOffers {
  readonly #known = new Map<string, { readonly learned: Learned; by: number }>();

  /** A worker has found something out. */
  learn(learned: Learned, by: number): void {
    if (learned.index === 0) this.#known.delete(learned.route);
    else this.#known.set(learned.route, { learned, by });
  }

  /** Forgets routes that are no longer what they were. @param digests of routes, by name */
  keep(digests: ReadonlyMap<string, string>): void {
    for (const [route, { learned }] of this.#known) {
      if (digests.get(route) !== learned.digest) this.#known.delete(route);
    }
  }

  /** A worker is gone. @returns what the one that takes over its trials has to be told */
  inherit(gone: number, heir: number): readonly Learned[] {
    return this.#pass(heir, (by) => by === gone);
  }

  /** @returns what a worker has to be told that begins; it takes over the trials of those that do not serve any more */
  begin(pid: number, serving: readonly number[]): readonly Learned[] {
    const taken = new Map(this.#pass(pid, (by) => !serving.includes(by)).map((told) => [told.route, told]));
    return [...this.#known].map(([route, { learned }]) => taken.get(route) ?? learned);
  }

  #pass(to: number, isFree: (by: number) => boolean): readonly Learned[] {
    const free = [...this.#known.values()].filter(({ by }) => isFree(by));
    for (const known of free) known.by = to;
    return free.map(({ learned }) => ({ ...learned, retry: true }));
  }
}
