import type { Logger } from '../log.ts';
import type { MetricsRegistry } from '../metrics.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import { gaugeOf } from './gauge.ts';
import { type Status, statusOf } from './status.ts';
import { type AdminView, unready } from './view.ts';

/** Where the admin listener has its answers from. Times are in milliseconds of the epoch. */
export interface AdminSource {
  readonly guard: GuardSettings;
  readonly logger: Logger;
  /** Why no traffic should come here: one line each. */
  unready(now: number): readonly string[] | Promise<readonly string[]>;
  status(now: number): Status | Promise<Status>;
  /** In Prometheus' text format. */
  metrics(now: number): Promise<{ readonly type: string; readonly text: string }>;
}

/** The answers of a process that serves by itself. */
export function sourceOf(view: AdminView, registry: MetricsRegistry): AdminSource {
  return {
    guard: view.guard,
    logger: view.logger,
    unready: (now) => unready(view, now),
    status: (now) => statusOf(view, registry, now),
    metrics: async (now) => ({ type: registry.contentType, text: await registry.show(gaugeOf(view, now)) }),
  };
}
