import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { GuardSettings } from './guard.ts';
import type { LiveRoute } from './task.ts';

/** What a request meets: the routes of the running configuration, and the listener it came in by. */
export interface Site {
  /** Of this one and no other: who keeps it keeps nothing alive. */
  readonly key: symbol;
  /** Ordered by specificity. */
  readonly routes: readonly LiveRoute[];
  /** The listener, as written in the configuration. */
  readonly listener: string;
  readonly guard: GuardSettings;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A limit of the process that a client's connection is over, as a key of `limits`. */
export type Surplus = 'connections' | 'connectionsPerClient';
