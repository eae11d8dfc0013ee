import { clock } from '../clock.ts';
import type { Line } from './line.ts';

/** A process that was started. */
export interface Forked {
  /** To be unique, and in logs. */
  readonly pid: number;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  kill(): void;
}

/** A worker process, as the group sees it. */
export interface WorkerProcess extends Forked {
  readonly line: Line;
  /** Resolves when it hears what is said to it. */
  readonly ready: Promise<void>;
}

/** What a worker has answered. */
export interface Answered {
  readonly pid: number;
  readonly answer: unknown;
}

/** What a {@link WorkerGroup} works with. */
export interface GroupMeans {
  /** Starts a process; it does nothing before it is told to. */
  readonly fork: () => WorkerProcess;
  /** A worker has ended that was not asked to, by an exit code or a signal; another one takes its place. */
  readonly lost: (pid: number, how: number | string) => void;
  /** What a worker needs to know before it serves, by its id. */
  readonly known: (pid: number) => unknown;
  /** Throws if what a worker answered to that means that it does not serve. */
  readonly accept: (answer: unknown) => void;
}

/** A worker that ended so soon, in milliseconds, will not last longer at once: the next one waits. */
const stable = 10_000;
const firstWait = 100;
const longestWait = 10_000;

/**
 * Processes that do the same work. The first one tries what is new; one that is lost is replaced, by ever rarer attempts if it
 * never lasts.
 */
export class WorkerGroup {
  readonly #means: GroupMeans;
  readonly #size: number;
  readonly #workers = new Set<WorkerProcess>();
  readonly #exits = new Map<WorkerProcess, Promise<unknown>>();
  #wait = firstWait;
  /** How often all have taken on something new, and what they were asked for the last time. */
  #rolls = 0;
  #last = '';
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopping = false;

  /** @param size number of workers, at least 1 */
  constructor(size: number, means: GroupMeans) {
    this.#size = size;
    this.#means = means;
  }

  /** Those that serve. */
  get workers(): readonly WorkerProcess[] {
    return [...this.#workers];
  }

  /**
   * Starts all: the first one alone, so that what cannot be is told once.
   *
   * @returns what the first one answered
   * @throws Error if it cannot serve; no process is left then
   */
  async start(): Promise<unknown> {
    try {
      const first = await this.#add();
      await Promise.all(Array.from({ length: this.#size - 1 }, () => this.#add()));
      return first;
    } catch (error) {
      this.#stopping = true;
      for (const worker of this.#exits.keys()) worker.kill();
      await Promise.all(this.#exits.values());
      throw error;
    }
  }

  /** Asks all workers; those that go away meanwhile are left out. */
  async ask(what: string, argument?: unknown): Promise<Answered[]> {
    const answers = await Promise.allSettled(
      this.workers.map(async ({ pid, line }) => ({ pid, answer: await line.ask(what, argument) })),
    );
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  /** Tells all workers but one. */
  tell(what: string, argument: unknown, except?: WorkerProcess): void {
    for (const worker of this.#workers) if (worker !== except) worker.line.tell(what, argument);
  }

  /**
   * Has all take on something new, one before the others. If that one refuses, nothing has changed, and if it dies, the next one
   * is it. One that cannot follow is ended, and the one in its place begins with what is new.
   *
   * @returns the first one's answer
   * @throws Error what it refused by, or that there is none
   */
  async roll(what: string): Promise<unknown> {
    const { first, answer } = await this.#lead(what);
    this.#last = what;
    this.#rolls += 1;
    const others = this.workers.filter((worker) => worker !== first);
    await Promise.all(others.map((worker) => this.#follow(worker, what).catch(() => worker.kill())));
    return answer;
  }

  async #lead(what: string): Promise<{ readonly first: WorkerProcess; readonly answer: unknown }> {
    for (const first of this.workers) {
      try {
        return { first, answer: await this.#follow(first, what) };
      } catch (error) {
        if (!first.line.closed) throw error;
      }
    }
    throw new Error('no worker serves that could take it; send SIGHUP once one does');
  }

  async #follow(worker: WorkerProcess, what: string): Promise<unknown> {
    const answer = await worker.line.ask(what);
    this.#means.accept(answer);
    return answer;
  }

  /**
   * Asks all to end, and waits for it.
   *
   * @param patience milliseconds after which they are killed
   * @returns whether all ended well, and what those answered that did
   */
  async stop(
    what: string,
    argument: unknown,
    patience: number,
  ): Promise<{ readonly ended: boolean; readonly answers: readonly Answered[] }> {
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const { workers } = this;
    // One that is being started serves nobody yet, and would not hear of the end.
    for (const worker of this.#exits.keys()) if (!this.#workers.has(worker)) worker.kill();
    const timer = setTimeout(() => {
      for (const worker of workers) worker.kill();
    }, patience);
    const answers = await this.ask(what, argument);
    const codes = await Promise.all(workers.map(({ exited }) => exited));
    clearTimeout(timer);
    await Promise.all(this.#exits.values());
    return { ended: codes.every((code) => code === 0), answers };
  }

  async #add(): Promise<unknown> {
    const worker = this.#means.fork();
    const began = clock();
    let heard = this.#rolls;
    this.#exits.set(
      worker,
      worker.exited.then((how) => this.#gone(worker, how, clock() - began)),
    );
    try {
      await Promise.race([worker.ready, worker.exited]);
      const answer = await worker.line.ask('start', this.#means.known(worker.pid));
      this.#means.accept(answer);
      // It may have read what there was before the others took on something new.
      while (heard !== this.#rolls) {
        heard = this.#rolls;
        await this.#follow(worker, this.#last);
      }
      this.#workers.add(worker);
      return answer;
    } catch (error) {
      worker.kill();
      throw error;
    }
  }

  #gone(worker: WorkerProcess, how: number | string, lived: number): void {
    this.#exits.delete(worker);
    const served = this.#workers.delete(worker);
    if (this.#stopping || !served) return;
    if (lived > stable) this.#wait = firstWait;
    this.#means.lost(worker.pid, how);
    this.#replace();
  }

  #replace(): void {
    const wait = this.#wait;
    this.#wait = Math.min(longestWait, wait * 2);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#add().catch(() => {
        if (!this.#stopping) this.#replace();
      });
    }, wait);
    this.#timers.add(timer);
  }
}
