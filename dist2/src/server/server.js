import { serve } from '../proxy/handler.js';
import { hostOf } from '../proxy/router.js';
import { listen } from './listener.js';
import { takeSnapshot } from './snapshot.js';
/**
 * Starts the proxy: every listener of the configuration, or none.
 *
 * @throws the system's error with its `address`, for example EADDRINUSE
 */
export async function startServer({ loaded: { config }, prepared, logger }) {
    const snapshot = takeSnapshot(config, prepared, logger);
    const server = new Server(snapshot, logger);
    await server.listen();
    return server;
}
class Server {
    #snapshot;
    #logger;
    #listeners = [];
    #inFlight = 0;
    #draining = false;
    /** Called when the last request is over. */
    #quiet;
    constructor(snapshot, logger) {
        this.#snapshot = snapshot;
        this.#logger = logger;
    }
    get addresses() {
        return this.#listeners.map(({ address }) => address);
    }
    async listen() {
        const { config, routes } = this.#snapshot;
        const guard = { hosts: config.exposed ? undefined : ownHosts(config) };
        for (const where of config.listen) {
            const site = { routes, listener: '', guard, logger: this.#logger };
            try {
                const listener = await listen(where, config.limits, (request, response, handOver) => {
                    this.#count(response);
                    serve(request, response, site, handOver);
                });
                site.listener = listener.name;
                this.#listeners.push(listener);
            }
            catch (error) {
                await this.stop(0);
                throw error;
            }
        }
        for (const { address } of this.#listeners)
            this.#logger.info({ address }, 'listening');
    }
    async stop(drain = this.#snapshot.config.drain) {
        this.#draining = true;
        const listening = this.#listeners.length > 0;
        if (listening)
            this.#logger.info({ inFlight: this.#inFlight }, 'draining');
        const closed = Promise.all(this.#listeners.map((listener) => listener.close()));
        this.#closeIdle();
        let timer;
        const late = new Promise((resolve) => {
            timer = setTimeout(() => resolve(false), drain);
        });
        const finished = await Promise.race([closed.then(() => true), late]);
        clearTimeout(timer);
        const inFlight = this.#inFlight;
        if (!finished) {
            for (const listener of this.#listeners)
                listener.closeAll();
            await closed;
            // Requests end by their clients' close before their upstreams end, or the log would blame those.
            if (this.#inFlight > 0)
                await new Promise((resolve) => (this.#quiet = resolve));
        }
        for (const { upstream } of this.#snapshot.routes)
            upstream.destroy();
        if (listening)
            this.#logger.info({ inFlight }, 'stopped');
        return finished;
    }
    #count(response) {
        this.#inFlight += 1;
        response.once('close', () => {
            this.#inFlight -= 1;
            if (this.#inFlight === 0)
                this.#quiet?.();
            // A client's connection is idle only after its response's last event.
            if (this.#draining)
                setImmediate(() => this.#closeIdle());
        });
    }
    #closeIdle() {
        for (const listener of this.#listeners)
            listener.closeIdle();
    }
}
/** The names by which this machine's programs may call the proxy: its listeners', and the hosts that the routes serve. */
function ownHosts({ listen: addresses, routes }) {
    const hosts = new Set(['localhost', '127.0.0.1', '::1']);
    for (const address of addresses)
        if ('host' in address)
            hosts.add(hostOf(`${address.host}`) || address.host);
    for (const { match, upstream } of routes) {
        if (match.host !== undefined)
            hosts.add(match.host);
        hosts.add(upstream.hostname);
    }
    return hosts;
}
//# sourceMappingURL=server.js.map