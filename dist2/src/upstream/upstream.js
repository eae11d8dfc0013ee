import { Ladder } from '../tls/ladder.js';
import { ladderSettings, nameOf } from './ladder-settings.js';
import { Pool } from './pool.js';
/**
 * The other side of one route: its ladder, its sessions and its pool. Nothing of it is shared between routes, even
 * where two name the same host, because every part of it stands for an identity.
 */
export class Upstream {
    /** `host:port`, as logs and problem documents name it. */
    name;
    pool;
    #ladder;
    constructor(route, credentials, logger) {
        this.name = nameOf(route);
        this.#ladder = new Ladder(ladderSettings(route, credentials), new HandshakeLog(route.name, this.name, logger));
        this.pool = new Pool(route.pool, (signal) => this.#ladder.connect(signal));
    }
    /** Lets running requests finish, and nothing new begin. */
    retire() {
        this.#ladder.retire();
        this.pool.retire();
    }
    /** Ends everything at once. */
    destroy() {
        this.#ladder.retire();
        this.pool.destroy();
    }
}
/** Writes what a ladder finds out, under the fixed messages of the log. */
class HandshakeLog {
    #where;
    #logger;
    constructor(route, upstream, logger) {
        this.#where = { route, upstream };
        this.#logger = logger;
    }
    handshake({ negotiated, offer, attempts }, ms) {
        this.#logger.info({ ...this.#where, ...negotiated, offer: offer.name, attempts, ms }, 'handshake');
    }
    fallback(from, to, { outcome, code }) {
        this.#logger.warn({ ...this.#where, from: from.name, to: to.name, outcome, code }, 'fallback');
    }
    downgrade({ negotiated }, sentinel) {
        this.#logger.warn({ ...this.#where, protocol: negotiated.protocol, sentinel }, 'downgrade');
    }
    recovered({ negotiated, offer }) {
        this.#logger.info({ ...this.#where, protocol: negotiated.protocol, offer: offer.name }, 'recovered');
    }
}
//# sourceMappingURL=upstream.js.map