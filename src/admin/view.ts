import type { Logger } from '../log.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import type { LiveRoute } from '../proxy/task.ts';

/** What the admin listener shows. */
export interface AdminView {
  readonly guard: GuardSettings;
  readonly routes: readonly LiveRoute[];
  /** Of former configurations, with requests or tunnels that are not over. */
  readonly retired: readonly LiveRoute[];
  /** Counts the configurations that have run, from 1; 0 before there is one. */
  readonly generation: number;
  /** Its other listeners are not open yet. */
  readonly starting: boolean;
  /** The proxy takes no new connection any more. */
  readonly draining: boolean;
  /** The program's. */
  readonly version: string;
  /** When it started, in milliseconds of the epoch. */
  readonly started: number;
  readonly listeners: readonly { readonly address: string; readonly admin: boolean }[];
  readonly logger: Logger;
}

/**
 * Why no traffic should come here: one line each.
 *
 * @param now milliseconds of the epoch
 */
export function unready({ starting, draining, routes }: AdminView, now: number): readonly string[] {
  const expired = routes.flatMap(({ settings: { name }, upstream }) =>
    upstream.certificates
      .filter(({ kind, notAfter }) => kind === 'client' && Date.parse(notAfter) <= now)
      .map(({ notAfter }) => `route ${name}: the client certificate expired on ${notAfter}`),
  );
  return [...(starting ? ['starting'] : []), ...(draining ? ['draining'] : []), ...expired];
}
