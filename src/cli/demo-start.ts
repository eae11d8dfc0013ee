import { render } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../log.ts';
import { prepare } from '../server/prepare.ts';
import { startServer } from '../server/server.ts';
import type { Start } from './demo.ts';
import type { Io } from './io.ts';

/** Starts the demo's proxy the way `run` does, with its log going to the demo. */
export function startDemo(io: Io): Start {
  return async (file, stream) => {
    const loaded = loadConfig(file, io.env);
    const { problems, sound } = prepare(loaded);
    if (sound === undefined) throw new Error(problems.map(render).join('\n'));
    const { logger } = await createLog({ level: 'info', format: 'json', stream });
    return startServer({ sound, logger });
  };
}
