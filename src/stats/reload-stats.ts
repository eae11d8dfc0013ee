import { type Family, family } from './family.ts';

/** `unchanged`: it was read, and says the same as before. */
export type ReloadOutcome = 'ok' | 'failed' | 'unchanged';

/** The configuration as it was read again last. */
export interface ReloadRecord {
  /** In milliseconds of the epoch. */
  readonly at: number;
  readonly outcome: ReloadOutcome;
  /** What was wrong with it, and warnings. */
  readonly problems: readonly string[];
}

/** How often the configuration was read again, and what came of it last. */
export class ReloadStats {
  last: ReloadRecord | undefined;
  readonly #counts: Record<ReloadOutcome, number> = { ok: 0, failed: 0, unchanged: 0 };

  /** Counts one more. */
  add(outcome: ReloadOutcome, problems: readonly string[]): void {
    this.#counts[outcome] += 1;
    this.last = { at: Date.now(), outcome, problems };
  }

  /** For the metrics. */
  get families(): readonly Family[] {
    const counts = Object.entries(this.#counts).map(([outcome, value]) => ({ labels: { outcome }, value }));
    const sound = this.last?.outcome === 'failed' ? 0 : 1;
    return [
      family('counter', 'reloads_total', 'Times the configuration was read again.', counts),
      family('gauge', 'last_reload_successful', 'Whether the configuration that was read last is the one that runs.', [
        { labels: {}, value: sound },
      ]),
    ];
  }
}
