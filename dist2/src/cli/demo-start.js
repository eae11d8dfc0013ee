import { render } from '../config/diagnostic.js';
import { loadConfig } from '../config/load.js';
import { createLog } from '../log.js';
import { startServer } from '../server/server.js';
import { prepare } from '../server/snapshot.js';
/** Starts the demo's proxy the way `run` does, with its log going to the demo. */
export function startDemo(io) {
    return async (file, stream) => {
        const loaded = loadConfig(file, io.env);
        const { problems, routes } = prepare(loaded);
        if (loaded.config === undefined || routes === undefined)
            throw new Error(problems.map(render).join('\n'));
        const { logger } = await createLog({ level: 'info', format: 'json', stream });
        return startServer({ loaded: { ...loaded, config: loaded.config }, prepared: routes, logger });
    };
}
//# sourceMappingURL=demo-start.js.map