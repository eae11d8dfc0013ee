/**
 * Loaded into the proxy under test, in front of it (`--import`): at SIGUSR2 it collects garbage and writes what the process
 * holds then to the file that {@link vitalsFile} names. It adds one signal listener, and nothing else.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The environment variable with the file's path. */
export const vitalsFile = 'CHAOS_VITALS';

/** What a process holds, after a collection. */
export interface Held {
  /** Counts those before it. */
  readonly n: number;
  readonly memory: NodeJS.MemoryUsage;
  /** Bytes of the heap that are compiled code and what belongs to it. */
  readonly code: number;
  /** Active handles and timers, by type. */
  readonly resources: readonly string[];
}

const file = process.env[vitalsFile];
if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  // A collection throws away what was compiled of functions that have not run of late, and as they run again it comes back:
  // nothing that a request has left.
  setFlagsFromString('--no-flush-bytecode');
  const collect = runInNewContext('gc') as () => void;
  let n = 0;
  process.on('SIGUSR2', () => {
    n += 1;
    // Some objects are let go of only by a callback that an earlier collection made possible.
    let rounds = 5;
    const next = (): void => {
      collect();
      rounds -= 1;
      if (rounds > 0) {
        setImmediate(next);
        return;
      }
      const held: Held = {
        n,
        memory: process.memoryUsage(),
        code: getHeapCodeStatistics().code_and_metadata_size,
        resources: process.getActiveResourcesInfo(),
      };
      writeFileSync(`${file}.new`, JSON.stringify(held));
      renameSync(`${file}.new`, file);
    };
    next();
  });
}
