import { serveAdmin } from '../admin/admin.ts';
import { formatListen } from '../config/addresses.ts';
import { isoTime } from '../iso-time.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { ListenError } from '../server/listen-error.ts';
import { type ListenerChange, ListenerSet } from '../server/listener-set.ts';
import type { Sound } from '../server/prepare.ts';
import { announcement, type Replaced } from '../server/running-server.ts';
import type { Learned } from '../server/snapshot.ts';
import { makeWay, SocketPlaces } from '../server/unix-socket.ts';
import { ReloadStats } from '../stats/reload-stats.ts';
import { type Forked, WorkerGroup, type WorkerProcess } from './group.ts';
import { KnownOffers } from './known-offers.ts';
import { Line, type Wire } from './line.ts';
import { type Report, type ReportMeans, Reports } from './reports.ts';
import type { Listening, Opening } from './worker.ts';

/** What a {@link Primary} works with. */
export interface PrimaryOptions {
  /** Number of workers. */
  readonly size: number;
  readonly sound: Sound;
  readonly logger: Logger;
  /** Takes a sentence about what an operator should know, and nobody else tells. */
  readonly warn: (text: string) => void;
  /** Starts a process that obeys over the wire, see worker.ts. */
  readonly fork: () => Forked & { readonly wire: Wire };
}

/** Milliseconds that workers have to end behind their drain. */
const grace = 5_000;

/**
 * The process that serves nothing itself: it has workers do that, and keeps for them what is to be there once. It stands in the
 * place of a server where there are several.
 */
export class Primary {
  readonly metrics: Pick<Metrics, 'reload'>;
  readonly #options: PrimaryOptions;
  /** Open until everything else is over, so that those who watch see the end. */
  readonly #admin: ListenerSet;
  readonly #reports: Reports;
  readonly #began = Date.now();
  #started = false;
  readonly #group: WorkerGroup;
  readonly #known = new KnownOffers();
  #sound: Sound;
  #generation = 1;
  #addresses: readonly string[] = [];
  #exposed: readonly string[] = [];
  readonly #places = new SocketPlaces();
  #draining = false;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.#sound = options.sound;
    const reloads = new ReloadStats();
    this.metrics = { reload: (outcome, problems = []) => reloads.add(outcome, problems) };
    this.#reports = new Reports({
      guard: () => this.#sound.guard,
      logger: options.logger,
      ask: async (now) => (await this.#group.ask('report', now)) as { pid: number; answer: Report }[],
      serves: (pid) => this.#group.workers.some((worker) => worker.pid === pid),
      own: (now) => this.#own(now),
      reloads,
    });
    this.#admin = new ListenerSet('admin', (_listener, request, response) => {
      void serveAdmin(request, response, this.#reports);
      return { conclude: () => false };
    });
    this.#group = new WorkerGroup(options.size, {
      fork: () => this.#fork(),
      lost: (pid, how) => this.#lost(pid, how),
      accept: (answer) => void accepted(answer as Listening<Opening>),
      known: (pid) => {
        const serving = this.#group.workers.map((worker) => worker.pid);
        return this.#known.begin(pid, serving);
      },
    });
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Those that other machines reach. */
  get exposed(): readonly string[] {
    return [...this.#exposed, ...this.#admin.exposed];
  }

  get draining(): boolean {
    return this.#draining;
  }

  get snapshot(): { readonly sound: Sound; readonly generation: number; readonly config: Sound['config'] } {
    return { sound: this.#sound, generation: this.#generation, config: this.#sound.config };
  }

  /** Starts the workers, behind the admin listener, which tells that they are not there yet. @throws ListenError */
  async start(): Promise<void> {
    const admin = await this.#changeAdmin(this.#sound);
    await admin.commit();
    try {
      await this.#clear([], this.#sound);
      this.#announce((await this.#group.start()) as Opening);
    } catch (error) {
      await this.#leaveAdmin();
      throw error;
    }
    this.#started = true;
    this.#announceAdmin(admin);
  }

  /**
   * Has the workers read the configuration again, one before the others.
   *
   * @param sound what they will find
   * @throws ListenError, or Error if the first one cannot take it; then all is as it was
   */
  async replace(sound: Sound): Promise<Replaced> {
    const before = this.#sound;
    const admin = await this.#changeAdmin(sound);
    let replaced: Replaced & Opening;
    try {
      await this.#clear(before.config.listen.map(formatListen), sound);
      // A worker that is started meanwhile reads it as it is now.
      const answer = await this.#places.spare(() => this.#group.roll('replace'));
      replaced = accepted(answer as Listening<Replaced & Opening>);
    } catch (error) {
      admin.undo();
      throw error;
    }
    this.#announce(replaced);
    this.#sound = sound;
    await admin.commit();
    this.#announceAdmin(admin);
    const changed = [...admin.changed, ...replaced.changed];
    if (changed.length === 0 || replaced.outcome === 'draining') return replaced;
    this.#generation += 1;
    this.#options.logger.level = sound.config.log.level;
    this.#known.keep(sound.routeDigests);
    return { outcome: 'ok', changed };
  }

  /**
   * Ends the workers.
   *
   * @param drain milliseconds that they wait for what runs
   * @returns false if something had to be cut off
   */
  async stop(drain: number = this.#sound.config.drain): Promise<boolean> {
    this.#draining = true;
    const { logger } = this.#options;
    const running = await this.#group.ask('inFlight');
    logger.info({ inFlight: sum(running.map(({ answer }) => answer as number)) }, 'draining');
    const { ended, answers } = await this.#places.spare(() => this.#group.stop('stop', drain, drain + grace));
    await this.#leaveAdmin();
    logger.info({ inFlight: sum(answers.map(({ answer }) => (answer as { cut: number }).cut)) }, 'stopped');
    return ended;
  }

  #own(now: number): ReturnType<ReportMeans['own']> {
    const listed = (addresses: readonly string[], admin: boolean) => addresses.map((address) => ({ address, admin }));
    return {
      generation: this.#generation,
      started: isoTime(this.#began),
      uptimeSeconds: Math.max(0, Math.floor((now - this.#began) / 1000)),
      notReady: [...(this.#started ? [] : ['starting']), ...(this.#draining ? ['draining'] : [])],
      draining: this.#draining,
      listeners: [...listed(this.#addresses, false), ...listed(this.#admin.addresses, true)],
    };
  }

  #changeAdmin({ config: { admin, limits } }: Sound): Promise<ListenerChange> {
    return this.#admin.change(admin === undefined ? [] : [admin], limits);
  }

  #announceAdmin({ opened }: ListenerChange): void {
    for (const one of opened) this.#options.logger.info(announcement(one, { admin: true }), 'listening');
  }

  async #leaveAdmin(): Promise<void> {
    const left = this.#admin.leave(true);
    this.#admin.cut();
    await left;
  }

  #announce({ opened, addresses, exposed }: Opening): void {
    this.#addresses = addresses;
    this.#places.note(addresses.filter((address) => address.startsWith('unix:')).map((address) => address.slice(5)));
    this.#exposed = exposed;
    for (const one of opened) this.#options.logger.info(announcement(one), 'listening');
  }

  #fork(): WorkerProcess {
    const { wire, ...forked } = this.#options.fork();
    let isReady = (): void => undefined;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const line = new Line(wire, {
      ready: () => isReady(),
      learned: (learned: Learned) => {
        this.#known.learn(learned, forked.pid);
        this.#group.tell('learned', learned, worker);
      },
    });
    const worker = { ...forked, line, ready };
    return worker;
  }

  #lost(pid: number, how: number | string): void {
    this.#options.warn(`the worker ${pid} has ended (${how}); another one takes its place`);
    this.#reports.lost(pid);
    const [heir] = this.#group.workers;
    if (heir === undefined) return;
    for (const told of this.#known.inherit(pid, heir.pid)) heir.line.tell('learned', told);
  }

  /** Makes way for Unix sockets that are new. */
  async #clear(open: readonly string[], { config: { listen } }: Sound): Promise<void> {
    for (const where of listen) {
      if (!('unix' in where) || open.includes(formatListen(where))) continue;
      try {
        await makeWay(where.unix);
      } catch (error) {
        throw new ListenError(where, 'listen', error as NodeJS.ErrnoException);
      }
    }
  }
}

/** @throws ListenError if it was refused */
function accepted<T extends object>(answer: Listening<T>): T {
  if (!('refused' in answer)) return answer;
  const { where, code, reason } = answer.refused;
  throw new ListenError(where, 'listen', Object.assign(new Error(reason), { code }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
