import type { Socket } from 'node:net';
import { serveAdmin } from '../admin/admin.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { type MetricsRegistry, noMetrics } from '../metrics.ts';
import { digestOf, type GuardSettings } from '../proxy/guard.ts';
import { serve } from '../proxy/handler.ts';
import { hostOf } from '../proxy/router.ts';
import { Departures } from './departures.ts';
import { type Listener, listen, type ServeAny } from './listener.ts';
import { type Prepared, type Snapshot, takeSnapshot } from './snapshot.ts';

/** What {@link startServer} starts from. */
export interface StartOptions {
  /** Without an error, and without passwords. */
  readonly config: Config;
  readonly prepared: NonNullable<Prepared['routes']>;
  readonly logger: Logger;
  /** Left out: nothing is counted, and there is no admin listener to show it. */
  readonly metrics?: MetricsRegistry;
}

/** A running proxy. */
export interface RunningServer {
  /** What it listens on, in the order of the configuration. */
  readonly addresses: readonly string[];
  /**
   * Takes nothing new, and waits for what runs.
   *
   * @param drain milliseconds to wait; default: the configuration's
   * @returns false if something had to be cut off
   */
  stop(drain?: number): Promise<boolean>;
}

/**
 * Starts the proxy: every listener of the configuration, or none.
 *
 * @throws the system's error with its `address`, for example EADDRINUSE
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const server = new Server(options);
  await server.listen();
  return server;
}

class Server implements RunningServer {
  readonly #snapshot: Snapshot;
  readonly #logger: Logger;
  readonly #listeners: Listener[] = [];
  /** The connections of all listeners but the admin's. */
  readonly #clients = new Set<Socket>();
  readonly #departures = new Departures(this.#clients, () => this.#inFlight > 0);
  #inFlight = 0;
  #draining = false;
  /** Called when the last request is over. */
  #quiet: (() => void) | undefined;
  readonly #metrics: MetricsRegistry | undefined;
  readonly #guard: GuardSettings;
  /** Open until everything else is over, so that those who watch see the end. */
  #admin: Listener | undefined;

  constructor({ config, prepared, logger, metrics }: StartOptions) {
    this.#snapshot = takeSnapshot(config, prepared, logger, metrics ?? noMetrics);
    this.#logger = logger;
    this.#metrics = metrics;
    this.#guard = guardOf(config);
  }

  get addresses(): readonly string[] {
    return this.#listeners.map(({ address }) => address);
  }

  async listen(): Promise<void> {
    try {
      await this.#listen();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
    for (const { address } of this.#listeners) this.#logger.info({ address }, 'listening');
    if (this.#admin !== undefined) this.#logger.info({ address: this.#admin.address, admin: true }, 'listening');
  }

  async #listen(): Promise<void> {
    const { config, routes } = this.#snapshot;
    const metrics = this.#metrics;
    for (const where of config.listen) {
      const site = {
        routes,
        listener: '',
        guard: this.#guard,
        logger: this.#logger,
        metrics: metrics ?? noMetrics,
      };
      const take: ServeAny = (request, response, surplus, handOver) => {
        this.#count(response);
        serve(request, response, site, surplus, handOver);
      };
      const listener = await listen(where, config.limits, take, this.#clients);
      site.listener = listener.name;
      this.#listeners.push(listener);
    }
    if (config.admin === undefined || metrics === undefined) return;
    this.#admin = await listen(config.admin, config.limits, (request, response) => {
      const view = { routes, guard: this.#guard, draining: this.#draining, logger: this.#logger };
      void serveAdmin(request, response, view, metrics);
    });
  }

  async stop(drain: number = this.#snapshot.config.drain): Promise<boolean> {
    this.#draining = true;
    const listening = this.#listeners.length > 0;
    if (listening) this.#logger.info({ inFlight: this.#inFlight }, 'draining');
    const closed = Promise.all(this.#listeners.map((listener) => listener.close()));
    this.#closeIdle();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), drain);
    });
    const finished = await Promise.race([closed.then(() => true), late]);
    clearTimeout(timer);
    const inFlight = this.#inFlight;
    if (!finished) {
      for (const listener of this.#listeners) listener.closeAll();
      await closed;
      // Requests end by their clients' close before their upstreams end, or the log would blame those.
      if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#quiet = resolve));
    }
    for (const { upstream } of this.#snapshot.routes) upstream.destroy();
    const admin = this.#admin?.close();
    this.#admin?.closeAll();
    await admin;
    if (listening) this.#logger.info({ inFlight }, 'stopped');
    return finished;
  }

  #count(response: NodeJS.EventEmitter): void {
    this.#inFlight += 1;
    this.#departures.watch();
    response.once('close', () => {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#quiet?.();
      // A client's connection is idle only after its response's last event.
      if (this.#draining) setImmediate(() => this.#closeIdle());
    });
  }

  #closeIdle(): void {
    for (const listener of this.#listeners) listener.closeIdle();
  }
}

/** Where the proxy is exposed and has a token, whoever has that may call it by any name. */
function guardOf(config: Config): GuardSettings {
  const { hosts, origins, token } = config.guard;
  const byAnyName = config.exposed && hosts.length === 0;
  return {
    hosts: byAnyName ? undefined : new Set([...ownHosts(config), ...hosts]),
    origins: new Set(origins),
    ...(token !== undefined && { token: digestOf(token) }),
  };
}

/** The names by which this machine's programs may call the proxy: its listeners', and the hosts that the routes serve. */
function ownHosts({ listen: addresses, routes }: Config): ReadonlySet<string> {
  const hosts = new Set(['localhost', '127.0.0.1', '::1']);
  for (const address of addresses) if ('host' in address) hosts.add(hostOf(`${address.host}`) || address.host);
  for (const { match, upstream } of routes) {
    if (match.host !== undefined) hosts.add(match.host);
    hosts.add(upstream.hostname);
  }
  return hosts;
}
