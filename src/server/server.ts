import { type AdminView, serveAdmin } from '../admin/admin.ts';
import type { Logger } from '../log.ts';
import { createMetrics, type Metrics, type MetricsRegistry, noMetrics, relay } from '../metrics.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import { serve } from '../proxy/handler.ts';
import type { LiveRoute } from '../proxy/task.ts';
import { type ListenerChange, ListenerSet } from './listener-set.ts';
import type { Sound } from './prepare.ts';
import { changedBetween, Snapshot } from './snapshot.ts';

/** What {@link startServer} starts from. */
export interface StartOptions {
  readonly sound: Sound;
  readonly logger: Logger;
  /** Makes what is counted with, once there is an admin listener to show it. */
  readonly metrics?: () => Promise<MetricsRegistry>;
}

/** What became of a new configuration. */
export interface Replaced {
  readonly outcome: 'ok' | 'unchanged' | 'draining';
  /** What is different now, in words. */
  readonly changed: readonly string[];
}

/** A running proxy. */
export interface RunningServer {
  /** What it listens on, in the order of the configuration. */
  readonly addresses: readonly string[];
  /** What runs. */
  readonly snapshot: Snapshot;
  /** It stops, and takes no other configuration any more. */
  readonly draining: boolean;
  /**
   * Puts another configuration in the place of the running one, in one step. Requests that run finish by the old one.
   *
   * @throws ListenError if an address cannot be listened on; then all is as it was
   */
  replace(sound: Sound): Promise<Replaced>;
  /** What it counts with. */
  readonly metrics: Metrics;
  /**
   * Takes nothing new, and waits for what runs.
   *
   * @param drain milliseconds to wait; default: the configuration's
   * @returns false if something had to be cut off
   */
  stop(drain?: number): Promise<boolean>;
}

/** How long both sides of a tunnel have to answer an end by theirs, in milliseconds. */
const politeness = 1_000;

/**
 * Starts the proxy: every listener of the configuration, or none.
 *
 * @throws ListenError for example with the code EADDRINUSE
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const server = new Server(options);
  try {
    await server.start(options.sound);
  } catch (error) {
    await server.stop(0);
    throw error;
  }
  return server;
}

class Server implements RunningServer {
  readonly metrics: Metrics;
  readonly #logger: Logger;
  readonly #listeners: ListenerSet;
  /** Open until everything else is over, so that those who watch see the end. */
  readonly #admin: ListenerSet;
  readonly #createMetrics: () => Promise<MetricsRegistry>;
  #registry: MetricsRegistry | undefined;
  #snapshot: Snapshot | undefined;
  /** No longer in the configuration, with requests or tunnels that are not over. */
  readonly #retired = new Set<LiveRoute>();
  /** Of the admin listener, as long as there is no snapshot. */
  #firstGuard: GuardSettings = { hosts: new Set() };
  #draining = false;

  constructor({ logger, metrics }: StartOptions) {
    this.#logger = logger;
    this.#createMetrics = metrics ?? createMetrics;
    this.metrics = relay(() => this.#registry ?? noMetrics);
    this.#listeners = new ListenerSet('listen', (listener, request, response, surplus, handOver) => {
      return serve(request, response, this.snapshot.site(listener), surplus, handOver);
    });
    this.#admin = new ListenerSet('admin', (_listener, request, response) => {
      void serveAdmin(request, response, this.#view, this.#registry as MetricsRegistry);
      return { conclude: () => false };
    });
  }

  get #view(): AdminView {
    const { guard, routes, generation } = this.#snapshot ?? { guard: this.#firstGuard, routes: [], generation: 0 };
    return {
      guard,
      routes,
      retired: [...this.#retired],
      generation,
      starting: this.#snapshot === undefined,
      draining: this.#draining,
      logger: this.#logger,
    };
  }

  get addresses(): readonly string[] {
    return this.#listeners.addresses;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get snapshot(): Snapshot {
    // Nothing is served before there is one.
    return this.#snapshot as Snapshot;
  }

  /** The admin listener first: it tells that the others are not there yet. */
  async start(sound: Sound): Promise<void> {
    this.#firstGuard = sound.guard;
    const admin = await this.#changeAdmin(sound);
    admin.commit();
    await this.replace(sound);
    this.#tell(admin.opened, { admin: true });
  }

  async #changeAdmin({ config: { admin, limits } }: Sound): Promise<ListenerChange> {
    if (admin !== undefined) this.#registry ??= await this.#createMetrics();
    return this.#admin.change(admin === undefined ? [] : [admin], limits);
  }

  async replace(sound: Sound): Promise<Replaced> {
    const { listen, limits, log } = sound.config;
    const before = this.#snapshot;
    const changes: ListenerChange[] = [];
    try {
      changes.push(await this.#listeners.change(listen, limits));
      changes.push(await this.#changeAdmin(sound));
      if (this.#draining) {
        for (const change of changes) change.undo();
        return { outcome: 'draining', changed: [] };
      }
      const changed = [...changes.flatMap((change) => change.changed), ...changedBetween(before?.sound, sound)];
      if (changed.length === 0) return { outcome: 'unchanged', changed };
      this.#logger.level = log.level;
      this.#snapshot = new Snapshot(sound, { logger: this.#logger, metrics: this.metrics }, before);
      for (const change of changes) change.commit();
      this.#retire(before);
      const [listeners, admin] = changes.map(({ opened }) => opened);
      this.#tell(listeners ?? []);
      this.#tell(admin ?? [], { admin: true });
      return { outcome: 'ok', changed };
    } catch (error) {
      for (const change of changes) change.undo();
      throw error;
    }
  }

  #retire(before: Snapshot | undefined): void {
    const { routes } = this.snapshot;
    for (const route of before?.routes ?? []) {
      if (routes.includes(route)) continue;
      this.#retired.add(route);
      void route.upstream.retire().then(() => this.#retired.delete(route));
    }
  }

  #tell(opened: ListenerChange['opened'], mark: { readonly admin?: true } = {}): void {
    for (const { address, isExposed } of opened) {
      this.#logger.info({ address, ...mark, ...(isExposed && { exposed: true }) }, 'listening');
    }
  }

  async stop(drain: number = this.snapshot.config.drain): Promise<boolean> {
    this.#draining = true;
    const { inFlight } = this.#listeners;
    if (this.#snapshot !== undefined) this.#logger.info({ inFlight }, 'draining');
    const left = this.#listeners.leave();
    const finished = await isWithin(drain, left);
    const cut = this.#listeners.inFlight;
    if (!finished) {
      if (this.#listeners.conclude()) await isWithin(politeness, left);
      this.#listeners.cut();
      // Requests end by their clients' close before their upstreams end, or the log would blame those.
      await left;
    }
    for (const { upstream } of [...(this.#snapshot?.routes ?? []), ...this.#retired]) upstream.destroy();
    const watched = this.#admin.leave();
    this.#admin.cut();
    await watched;
    if (this.#snapshot !== undefined) this.#logger.info({ inFlight: cut }, 'stopped');
    return finished;
  }
}

/** Whether something happens within so many milliseconds; it is waited for no longer. */
async function isWithin(ms: number, happening: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([happening.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
