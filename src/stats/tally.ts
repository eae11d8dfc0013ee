/** A count for each combination of labels that was met. Labels are from the configuration or from closed sets. */
export class Tally {
  readonly #counts = new Map<string, { readonly labels: readonly string[]; count: number }>();

  /** Counts one more of these. */
  add(...labels: string[]): void {
    const key = labels.join('\n');
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { labels, count: 1 });
    else known.count += 1;
  }

  /** Every combination with its count, in the order in which they were first met. */
  get all(): readonly { readonly labels: readonly string[]; readonly count: number }[] {
    return [...this.#counts.values()];
  }

  /** How many of these there were. */
  count(...labels: string[]): number {
    return this.#counts.get(labels.join('\n'))?.count ?? 0;
  }
}
