import type { AdminSource } from '../admin/admin-source.ts';
import { mergeStatus, type OwnStatus } from '../admin/merge.ts';
import type { Status } from '../admin/status.ts';
import { isoTime } from '../iso-time.ts';
import type { Logger } from '../log.ts';
import { addUp, bequeath, type Figures } from '../metrics.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import type { ReloadStats } from '../stats/reload-stats.ts';

/** What a worker tells of itself. */
export interface Report {
  readonly status: Status;
  readonly unready: readonly string[];
  readonly figures: Figures;
}

/** What {@link Reports} are made of. */
export interface ReportMeans {
  readonly guard: () => GuardSettings;
  readonly logger: Logger;
  /** Asks each worker for its report. @param now milliseconds of the epoch */
  readonly ask: (now: number) => Promise<readonly { readonly pid: number; readonly answer: Report }[]>;
  /** What the primary knows for all; `notReady` what keeps all of them from being ready. */
  readonly own: (now: number) => Omit<OwnStatus, 'ready' | 'reload'>;
  /** Whether a worker still serves. */
  readonly serves: (pid: number) => boolean;
  readonly reloads: ReloadStats;
}

/** The admin listener's answers for several processes as one. What those counted that are gone is not lost. */
export class Reports implements AdminSource {
  readonly #means: ReportMeans;
  /** Of each worker, as it was when somebody looked. */
  readonly #last = new Map<number, Figures>();
  #gone: Figures = [];

  constructor(means: ReportMeans) {
    this.#means = means;
  }

  get guard(): GuardSettings {
    return this.#means.guard();
  }

  get logger(): Logger {
    return this.#means.logger;
  }

  async unready(now: number): Promise<readonly string[]> {
    return this.#reasons(await this.#means.ask(now), now);
  }

  async status(now: number): Promise<Status> {
    const reports = await this.#means.ask(now);
    const notReady = this.#reasons(reports, now);
    const { last } = this.#means.reloads;
    const reload = last === undefined ? null : { ...last, at: isoTime(last.at) };
    const own = { ...this.#means.own(now), ready: notReady.length === 0, notReady, reload };
    if (reports.length === 0) throw new Error('no worker is there to be asked');
    return mergeStatus(
      reports.map(({ answer }) => answer.status),
      own,
    );
  }

  async metrics(now: number): Promise<{ readonly type: string; readonly text: string }> {
    const { ask, serves, reloads } = this.#means;
    // Who has answered and is gone by now is counted with those that are gone, as it was last seen.
    const reports = (await ask(now)).filter(({ pid }) => serves(pid));
    for (const { pid, answer } of reports) this.#last.set(pid, answer.figures);
    return addUp([...reports.map(({ answer }) => answer.figures), this.#gone, reloads.families]);
  }

  /** A worker is gone: what it had counted when somebody looked last goes on to count. */
  lost(pid: number): void {
    this.#gone = bequeath(this.#gone, this.#last.get(pid) ?? []);
    this.#last.delete(pid);
  }

  #reasons(reports: Awaited<ReturnType<ReportMeans['ask']>>, now: number): readonly string[] {
    const { notReady } = this.#means.own(now);
    const none = reports.length === 0 && notReady.length === 0 ? ['no worker serves'] : [];
    return [...new Set([...notReady, ...none, ...reports.flatMap(({ answer }) => answer.unready)])];
  }
}
