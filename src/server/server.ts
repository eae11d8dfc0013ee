import { serveAdmin } from '../admin/admin.ts';
import { type AdminSource, sourceOf } from '../admin/admin-source.ts';
import { gaugeOf } from '../admin/gauge.ts';
import type { AdminView } from '../admin/view.ts';
import type { Logger } from '../log.ts';
import { createMetrics, type Figures, type Metrics, type MetricsRegistry, noMetrics, relay } from '../metrics.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import { serve } from '../proxy/handler.ts';
import type { LiveRoute } from '../proxy/task.ts';
import { type ListenerChange, ListenerSet } from './listener-set.ts';
import type { Sound } from './prepare.ts';
import {
  announcement,
  type Membership,
  type Replaced,
  type RunningServer,
  type StartOptions,
} from './running-server.ts';
import { changedBetween, type Learned, Snapshot, type Witnesses } from './snapshot.ts';

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
    await server.stop(0, true);
    throw error;
  }
  return server;
}

class Server implements RunningServer {
  readonly metrics: Metrics;
  readonly #logger: Logger;
  readonly #membership: Membership | undefined;
  #cut: number | undefined;
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
  readonly #version: string;
  readonly #started = Date.now();
  #draining = false;

  constructor({ logger, metrics, membership, alone = false, version = '' }: StartOptions) {
    this.#membership = membership;
    this.#version = version;
    this.#logger = logger;
    this.#createMetrics = metrics ?? createMetrics;
    this.metrics = relay(() => this.#registry ?? noMetrics);
    this.#listeners = new ListenerSet(
      'listen',
      (listener, request, response, surplus, handOver) => {
        return serve(request, response, this.snapshot.site(listener), surplus, handOver);
      },
      membership !== undefined ? 'member' : alone ? 'alone' : undefined,
    );
    this.#admin = new ListenerSet(
      'admin',
      (_listener, request, response) => {
        void serveAdmin(request, response, this.source);
        return { conclude: () => false };
      },
      alone ? 'alone' : undefined,
    );
  }

  get source(): AdminSource {
    return sourceOf(this.#view, this.#registry as MetricsRegistry);
  }

  /** All that is counted, for another process to add up. */
  async figures(now: number): Promise<Figures> {
    return (await this.#registry?.figures(gaugeOf(this.#view, now))) ?? [];
  }

  get #view(): AdminView {
    const { guard, routes, generation } = this.#snapshot ?? { guard: this.#firstGuard, routes: [], generation: 0 };
    const listed = (set: ListenerSet, admin: boolean) => set.addresses.map((address) => ({ address, admin }));
    return {
      guard,
      routes,
      retired: [...this.#retired],
      generation,
      starting: this.#snapshot === undefined,
      draining: this.#draining,
      version: this.#version,
      started: this.#started,
      listeners: [...listed(this.#listeners, false), ...listed(this.#admin, true)],
      logger: this.#logger,
    };
  }

  get #witnesses(): Witnesses {
    const learned = this.#membership?.learned;
    return { logger: this.#logger, metrics: this.metrics, ...(learned !== undefined && { learned }) };
  }

  get addresses(): readonly string[] {
    return this.#listeners.addresses;
  }

  get exposed(): readonly string[] {
    return [...this.#listeners.exposed, ...this.#admin.exposed];
  }

  get draining(): boolean {
    return this.#draining;
  }

  get inFlight(): number {
    return this.#cut ?? this.#listeners.inFlight;
  }

  adopt(learned: Learned): void {
    this.#snapshot?.adopt(learned);
  }

  get snapshot(): Snapshot {
    // Nothing is served before there is one.
    return this.#snapshot as Snapshot;
  }

  /** The admin listener first: it tells that the others are not there yet. */
  async start(sound: Sound): Promise<void> {
    this.#firstGuard = sound.guard;
    const admin = await this.#changeAdmin(sound);
    await admin.commit();
    await this.replace(sound);
    this.#announce(admin.opened, { admin: true });
  }

  async #changeAdmin({ config: { admin, limits } }: Sound): Promise<ListenerChange> {
    if (admin !== undefined) this.#registry ??= await this.#createMetrics();
    const here = admin === undefined || this.#membership !== undefined ? [] : [admin];
    return this.#admin.change(here, limits);
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
      this.#snapshot = new Snapshot(sound, this.#witnesses, before);
      const committed = changes.map((change) => change.commit());
      this.#retire(before);
      const [listeners, admin] = changes.map(({ opened }) => opened);
      this.#announce(listeners ?? []);
      this.#announce(admin ?? [], { admin: true });
      await Promise.all(committed);
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

  #announce(opened: ListenerChange['opened'], mark: { readonly admin?: true } = {}): void {
    this.#membership?.opened(opened.map(({ address, isExposed }) => ({ address, isExposed })));
    for (const one of opened) this.#tell(announcement(one, mark), 'listening');
  }

  /** Of several, one tells for all. */
  #tell(fields: object, message: string): void {
    if (this.#membership === undefined) this.#logger.info(fields, message);
  }

  async stop(drain: number = this.snapshot.config.drain, atOnce = false): Promise<boolean> {
    this.#draining = true;
    const { inFlight } = this.#listeners;
    if (this.#snapshot !== undefined) this.#tell({ inFlight }, 'draining');
    const left = this.#listeners.leave(atOnce);
    const finished = await isWithin(drain, left);
    const cut = this.#listeners.inFlight;
    if (!finished) {
      if (this.#listeners.conclude()) await isWithin(politeness, left);
      this.#listeners.cut();
      // Requests end by their clients' close before their upstreams end, or the log would blame those.
      await left;
    }
    for (const { upstream } of [...(this.#snapshot?.routes ?? []), ...this.#retired]) upstream.destroy();
    const watched = this.#admin.leave(true);
    this.#admin.cut();
    await watched;
    this.#cut = cut;
    if (this.#snapshot !== undefined) this.#tell({ inFlight: cut }, 'stopped');
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
