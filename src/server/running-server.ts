import type { AdminSource } from '../admin/admin-source.ts';
import type { Logger } from '../log.ts';
import type { Figures, Metrics, MetricsRegistry } from '../metrics.ts';
import type { ListenerChange } from './listener-set.ts';
import type { Sound } from './prepare.ts';
import type { Learned, Snapshot } from './snapshot.ts';

/** What `startServer` starts from. */
export interface StartOptions {
  readonly sound: Sound;
  readonly logger: Logger;
  /** It is one of several that share the listeners. */
  readonly membership?: Membership;
  /** No other process shares its listeners, as one may that somebody else's program has forked. */
  readonly alone?: boolean;
  /** The program's, to be shown; empty if left out. */
  readonly version?: string;
  /** Makes what is counted with, once there is an admin listener to show it. */
  readonly metrics?: () => Promise<MetricsRegistry>;
}

/** A socket that is listened on. */
export type Opened = Pick<ListenerChange['opened'][number], 'address' | 'isExposed'>;

/** What a server leaves to others that is one of several: the admin listener, Unix sockets' places, and to tell of its life. */
export interface Membership {
  /** Told what a route's ladder has found out. */
  readonly learned: (learned: Learned) => void;
  /** Told what is listened on from now on. */
  readonly opened: (opened: readonly Opened[]) => void;
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
  /** Those of them, and of the admin listener, that other machines reach. */
  readonly exposed: readonly string[];
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
  /** Requests that run, tunnels among them; behind `stop`, those that were cut off. */
  readonly inFlight: number;
  /** What there is to be shown, once there is something to count with. */
  readonly source: AdminSource;
  /** All that is counted, for another process to add up; nothing if nothing is. @param now milliseconds of the epoch */
  figures(now: number): Promise<Figures>;
  /** Takes over what another one has found out of an upstream's offers. */
  adopt(learned: Learned): void;
  /**
   * Takes nothing new, and waits for what runs.
   *
   * @param drain milliseconds to wait; default: the configuration's
   * @param atOnce connections are refused from this moment on, and what has been sent and not read is lost
   * @returns false if something had to be cut off
   */
  stop(drain?: number, atOnce?: boolean): Promise<boolean>;
}

/** The fields of a `listening` line. */
export function announcement({ address, isExposed }: Opened, mark: { readonly admin?: true } = {}): object {
  return { address, ...mark, ...(isExposed && { exposed: true }) };
}
