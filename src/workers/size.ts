import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.ts';

/** The environment variable that tells a process that it is a worker. */
export const workerMark = 'MTLS_PROXY_WORKER';

/** How many processes a configuration asks for. */
export function sizeOf({ workers }: Pick<Config, 'workers'>): number {
  return workers === 'auto' ? availableParallelism() : workers;
}
