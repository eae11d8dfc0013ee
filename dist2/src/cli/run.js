import { render } from '../config/diagnostic.js';
import { loadConfig } from '../config/load.js';
import { createLog } from '../log.js';
import { startServer } from '../server/server.js';
import { prepare } from '../server/snapshot.js';
/** `run`: the proxy in the foreground, until a signal ends it. */
export async function run(file, io) {
    const loaded = loadConfig(file, io.env);
    const { problems, routes } = prepare(loaded);
    print(problems, io);
    if (loaded.config === undefined || routes === undefined)
        return 2;
    const { level, format } = loaded.config.log;
    const log = await createLog({ level, format, terminal: io.stdout.isTTY === true });
    try {
        const server = await startServer({
            loaded: { ...loaded, config: loaded.config },
            prepared: routes,
            logger: log.logger,
        });
        await io.stopped;
        return (await server.stop()) ? 0 : 1;
    }
    catch (error) {
        io.stderr.write(`mtls-proxy: ${listenFailure(error)}\n`);
        return 1;
    }
    finally {
        await log.close();
    }
}
/**
 * `check`: everything a start would load is loaded; what is wrong is printed, all at once.
 *
 * @param live whether each route also makes a connection
 */
export async function check(file, live, io) {
    const loaded = loadConfig(file, io.env);
    const { problems, routes } = prepare(loaded);
    print(problems, io);
    if (routes === undefined) {
        const count = problems.filter(({ severity }) => severity === 'error').length;
        io.stderr.write(`mtls-proxy check: ${count} ${count === 1 ? 'error' : 'errors'} in ${file}\n`);
        return 2;
    }
    const names = routes.map(([{ name }]) => name).join(', ');
    io.stdout.write(`${file}: ok (${routes.length} ${routes.length === 1 ? 'route' : 'routes'}: ${names})\n`);
    if (!live)
        return 0;
    const { checkLive } = await import('./check-live.js');
    return (await checkLive(routes, io)) ? 0 : 1;
}
function print(problems, io) {
    for (const problem of problems)
        io.stderr.write(`${render(problem)}\n`);
}
function listenFailure(error) {
    const where = error.port === undefined ? (error.address ?? '') : `${error.address}:${error.port}`;
    switch (error.code) {
        case 'EADDRINUSE':
            return `${where} is in use by another program; stop it, or change \`listen\``;
        case 'EACCES':
            return `this user may not listen on ${where}; use a port above 1023, or change \`listen\``;
        case 'EADDRNOTAVAIL':
            return `${where} is not an address of this machine; change \`listen\``;
        default:
            return error.stack ?? String(error);
    }
}
//# sourceMappingURL=run.js.map