import { formatListen } from '../config/addresses.ts';
import type { ListenAddress } from '../config/config.ts';
import type { Company } from './bind.ts';
import { Clients } from './clients.ts';
import { Departures } from './departures.ts';
import { Entrance, type ServeBy } from './entrance.ts';
import { ListenError } from './listen-error.ts';
import type { Listener, ListenerLimits } from './listener.ts';

/** Listeners that are open and serve nothing yet, beside those that are to go. */
export interface ListenerChange {
  /** What will be different, in words. */
  readonly changed: readonly string[];
  /** What the new ones really listen on. */
  readonly opened: Listener['sockets'];
  /** Serves the new ones and lets the others go, in one step. Throws nothing. Resolves when the others take nothing new. */
  commit(): Promise<void>;
  /** Puts everything back as it was. */
  undo(): void;
}

/** The listeners for one purpose, which may change while they serve. */
export class ListenerSet {
  readonly #key: 'listen' | 'admin';
  readonly #serve: ServeBy;
  readonly #company: Company | undefined;
  /** Connected to any of them. */
  readonly #clients = new Clients({
    connections: Number.POSITIVE_INFINITY,
    connectionsPerClient: Number.POSITIVE_INFINITY,
  });
  #open: readonly Entrance[] = [];
  /** They take no new connection, but old ones are left. */
  readonly #leaving = new Map<Entrance, Promise<void>>();

  /**
   * @param key of the configuration that names the addresses
   * @param company what is known of other processes that listen on the same
   */
  constructor(key: 'listen' | 'admin', serve: ServeBy, company?: Company) {
    this.#key = key;
    this.#company = company;
    const departures = new Departures(this.#clients, () => this.inFlight > 0);
    this.#serve = (...request) => {
      departures.watch();
      return serve(...request);
    };
  }

  /** What they listen on, in the order of the configuration. */
  get addresses(): readonly string[] {
    return this.#open.flatMap(({ sockets }) => sockets.map(({ address }) => address));
  }

  /** Those that other machines reach. */
  get exposed(): readonly string[] {
    const sockets = this.#open.flatMap((entrance) => entrance.sockets);
    return sockets.filter(({ isExposed }) => isExposed).map(({ address }) => address);
  }

  /** Requests that run, tunnels among them. */
  get inFlight(): number {
    return [...this.#open, ...this.#leaving.keys()].reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /**
   * Opens what is wanted and not there yet. What comes by it waits for `commit`, so that nobody meets half of a
   * configuration.
   *
   * @throws ListenError; then all is as it was
   */
  async change(wanted: readonly ListenAddress[], limits: ListenerLimits): Promise<ListenerChange> {
    const going = [...this.#open];
    const kept = wanted.map((where) => takeSame(going, where));
    const next: Entrance[] = [];
    const undos: (() => void)[] = [];
    const undo = (): void => {
      for (const one of undos) one();
    };
    const changed: string[] = [];
    const opened: Listener['sockets'][number][] = [];
    if (this.#open.length === 0) this.#clients.limit(limits);
    for (const [index, where] of wanted.entries()) {
      const same = kept[index];
      const name = `${this.#key} ${formatListen(where)}`;
      try {
        if (same === undefined) {
          const entrance = await Entrance.open(where, limits, this.#clients, this.#serve, this.#company);
          undos.push(() => discard(entrance));
          opened.push(...entrance.sockets);
          changed.push(`${name} added`);
          next.push(entrance);
        } else {
          if (adapt(same, where, undos)) changed.push(name);
          next.push(same);
        }
      } catch (error) {
        undo();
        throw new ListenError(where, this.#key, error as NodeJS.ErrnoException, overlap(where, this.#open));
      }
    }
    changed.push(...going.map(({ where }) => `${this.#key} ${formatListen(where)} removed`));
    const commit = async (): Promise<void> => {
      this.#open = next;
      this.#clients.limit(limits);
      for (const [index, entrance] of next.entries()) {
        entrance.where = wanted[index] as ListenAddress;
        entrance.limit(limits);
        entrance.begin();
      }
      for (const entrance of going) this.#dismiss(entrance);
      await Promise.all(going.map(({ shut }) => shut));
    };
    return { changed, opened, commit, undo };
  }

  /**
   * Takes nothing new on any of them; resolves when all connections and requests have ended.
   *
   * @param atOnce also not what has been sent by now
   */
  async leave(atOnce = false): Promise<void> {
    for (const entrance of this.#open) this.#dismiss(entrance, atOnce);
    this.#open = [];
    await Promise.all(this.#leaving.values());
  }

  /** Ends requests on those that leave at once, and tunnels properly. @returns whether there are any of those */
  conclude(): boolean {
    return [...this.#leaving.keys()].map((entrance) => entrance.conclude()).includes(true);
  }

  /** Ends every connection of those that leave. */
  cut(): void {
    for (const entrance of this.#leaving.keys()) entrance.cut();
  }

  #dismiss(entrance: Entrance, atOnce = false): void {
    const gone = entrance.leave(atOnce).then(() => void this.#leaving.delete(entrance));
    this.#leaving.set(entrance, gone);
  }
}

/** Takes the listener of an address out of a list: `port` 0 may be in it several times. */
function takeSame(from: Entrance[], where: ListenAddress): Entrance | undefined {
  const at = from.findIndex((entrance) => formatListen(entrance.where) === formatListen(where));
  return at === -1 ? undefined : from.splice(at, 1)[0];
}

/** @returns whether it is different now */
function adapt(entrance: Entrance, where: ListenAddress, undos: (() => void)[]): boolean {
  const { where: before } = entrance;
  const isSame = !('unix' in where && 'unix' in before) || where.mode === before.mode;
  if (isSame && !('systemd' in where)) return false;
  entrance.adapt(where);
  if (isSame) return false;
  undos.push(() => entrance.adapt(before));
  return true;
}

function discard(entrance: Entrance): void {
  void entrance.leave(true);
  entrance.cut();
}

/** A listener of our own that has the same port, as when `127.0.0.1:80` is to become `0.0.0.0:80`. */
function overlap(where: ListenAddress, open: readonly Entrance[]): string | undefined {
  if (!('port' in where)) return undefined;
  return open.flatMap(({ sockets }) => sockets).find(({ address }) => address.endsWith(`:${where.port}`))?.address;
}
