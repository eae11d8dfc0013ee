import { ProxyError } from '../errors.js';
import { BackOff } from './back-off.js';
import { Climb, ladderTimeout, within } from './climb.js';
import { explain } from './explain.js';
import { attempt } from './handshake.js';
import { OfferMemory } from './memory.js';
import { isLowered, SentinelWitness } from './sentinel-witness.js';
import { SessionCache } from './sessions.js';
import { judge } from './verdict.js';
/** The first wait, in milliseconds, before the top is tried again after a fallback; each further one is twice as long. */
const firstRetry = 2_000;
/**
 * Makes verified connections to one upstream with one route's identity, and finds the offer that the upstream takes.
 *
 * Several callers at once share one climb. What worked is remembered; a lower offer only provisionally: the top is
 * tried again in the background. Knows no HTTP, and nothing of a request is written before it is done.
 */
export class Ladder {
    #settings;
    #observer;
    #memory;
    #sessions = new SessionCache();
    #backOff;
    #attemptBy;
    #now;
    #retired = new AbortController();
    #retryAfter;
    #climb;
    #retry;
    constructor(settings, observer, means = {}) {
        const now = means.now ?? (() => performance.now());
        this.#settings = settings;
        this.#observer = observer;
        this.#retryAfter = means.retryAfter ?? firstRetry;
        this.#attemptBy = means.attempt ?? attempt;
        this.#now = now;
        this.#memory = new OfferMemory(settings.remember, now);
        this.#backOff = new BackOff(now);
    }
    /**
     * A new connection, by the offer that is known to work, else by the first that does.
     *
     * @param signal the caller's; when it aborts, its reason is thrown and nothing more is tried on its behalf
     * @throws ProxyError with every attempt that was made
     */
    async connect(signal) {
        this.#backOff.throwIfWaiting();
        const began = this.#now();
        try {
            const connection = await this.#connect(signal);
            this.#backOff.succeeded();
            return connection;
        }
        catch (error) {
            if (error instanceof ProxyError)
                this.#backOff.failed(error, began);
            throw error;
        }
    }
    async #connect(signal) {
        const started = this.#now();
        const before = [];
        let known = this.#memory.current;
        for (;;) {
            signal.throwIfAborted();
            if (known !== undefined && this.#climb === undefined && !(known.index === 0 && this.#backOff.active)) {
                const connection = await this.#tryKnown(known, before, started, signal);
                if (connection !== undefined)
                    return connection;
                signal.throwIfAborted();
            }
            const { connection, index } = await this.#climbWith(before.splice(0), started).join(signal);
            if (connection !== undefined)
                return connection;
            // Another caller has the connection of the climb; what it found out serves all who waited.
            known = this.#memory.current ?? { index, until: 0 };
        }
    }
    /** Ends what goes on in the background: the ladder's route is gone. Who is connecting may finish. */
    retire() {
        clearTimeout(this.#retry);
        this.#retired.abort(new ProxyError('internal', 'the configuration was replaced', { source: 'internal' }));
    }
    /** One attempt by what is known; undefined if that is forgotten now and the ladder has to be climbed. */
    async #tryKnown(known, before, started, signal) {
        const bound = within(this.#left(started), signal);
        const result = await this.#bound(() => this.#attempt(known.index, bound.signal), known.index, before).finally(bound.release);
        before.push(this.#record(known.index, result));
        if ('connection' in result) {
            this.#deliver(result.connection, before, started);
            return result.connection;
        }
        const verdict = judge(result.failure);
        if (verdict.action === 'stop')
            throw this.#error(verdict, before);
        this.#memory.forget(known);
        return undefined;
    }
    /**
     * The climb that is under way, or a new one: from the top, or from below it where the top has just failed as the known
     * one. It tells the attempts `before` with its own.
     */
    #climbWith(before, started) {
        if (this.#climb !== undefined && !(this.#climb.over && before.length > 0)) {
            this.#climb.attempts.push(...before);
            return this.#climb;
        }
        const start = before.at(-1)?.offer === this.#settings.offers[0]?.name ? 1 : 0;
        const climb = new Climb(before, (own, signal) => this.#run(own, start, started, signal), this.#left(started), () => {
            if (this.#climb === climb)
                this.#climb = undefined;
        });
        this.#climb = climb;
        return climb;
    }
    /** Tries the offers from `start` on until one works or a failure says that none will. */
    async #run(climb, start, started, signal) {
        const { offers } = this.#settings;
        const { attempts } = climb;
        const previous = this.#memory.last;
        try {
            for (let index = start; index < offers.length; index += 1) {
                const result = await this.#bound(() => this.#watchedAttempt(index, signal), index, attempts);
                attempts.push(this.#record(index, result));
                if ('connection' in result) {
                    const { connection } = result;
                    this.#deliver(connection, attempts, started);
                    this.#learn(index, previous, connection);
                    return { connection, index };
                }
                const verdict = judge(result.failure);
                if (verdict.action === 'stop')
                    throw this.#error(verdict, attempts);
            }
            throw this.#error(allRefused, attempts);
        }
        finally {
            climb.over = true;
        }
    }
    #learn(index, previous, connection) {
        this.#memory.remember(index);
        if (index === 0) {
            if (previous !== undefined && previous > 0)
                this.#observer.recovered(connection);
            clearTimeout(this.#retry);
            return;
        }
        const { offers, remember } = this.#settings;
        const top = offers[0];
        const first = connection.attempts.find(({ offer }) => offer === top.name);
        this.#observer.fallback(top, offers[index], first);
        if (connection.sentinel !== undefined)
            this.#observer.downgrade(connection, connection.sentinel);
        if (remember > 0)
            this.#retryLater(this.#retryAfter);
    }
    /** A single stray reset pins nobody down: higher offers are tried again, ever more seldom. */
    #retryLater(wait) {
        clearTimeout(this.#retry);
        this.#retry = setTimeout(async () => {
            const done = await this.#retryHigher();
            if (!done)
                this.#retryLater(Math.min(wait * 2, Math.max(this.#settings.remember, this.#retryAfter)));
        }, wait);
        this.#retry.unref();
    }
    /** Tries the offers above the remembered one, without a request. True once there is none left above, or nobody to try for. */
    async #retryHigher() {
        const lower = this.#memory.last;
        for (let index = 0; index < lower; index += 1) {
            // Only an abort rejects an attempt.
            const result = await this.#watchedAttempt(index, this.#retired.signal).catch(() => undefined);
            if (result === undefined)
                return true;
            if ('connection' in result) {
                const { connection } = result;
                connection.attempts = [this.#record(index, result)];
                connection.socket.destroySoon();
                // Somebody else may have climbed meanwhile.
                if (this.#memory.last === lower) {
                    this.#memory.remember(index);
                    this.#observer.recovered(connection);
                    if (connection.sentinel !== undefined)
                        this.#observer.downgrade(connection, connection.sentinel);
                }
                return this.#memory.last === 0;
            }
            if (judge(result.failure).action === 'stop')
                return false;
        }
        return lower === 0;
    }
    /** One attempt; if the ladder's time runs out meanwhile, the error lists it as the last of `attempts`. */
    async #bound(attempt, index, attempts) {
        const began = this.#now();
        try {
            return await attempt();
        }
        catch (reason) {
            if (reason !== ladderTimeout)
                throw reason;
            const offer = this.#settings.offers[index].name;
            const ms = Math.round(this.#now() - began);
            throw this.#error(tooLate, [...attempts, { offer, outcome: 'timeout', code: tooLate.code, ms }]);
        }
    }
    /**
     * One attempt; below a version that was offered before, the server is asked whether it speaks that (RFC 8446 section
     * 4.1.3). A server that does was made to look as if it did not, by a fault or by an attack.
     */
    async #watchedAttempt(index, signal) {
        const { offers, downgrade } = this.#settings;
        if (!isLowered(offers, index))
            return this.#attempt(index, signal);
        const witness = new SentinelWitness();
        const result = await this.#attempt(index, signal, witness);
        if ('failure' in result)
            return result;
        const { connection, ms } = result;
        const { sentinel } = witness;
        connection.tapped = true;
        connection.sentinel = sentinel;
        const { legacy, name } = offers[index];
        if (sentinel === undefined || (downgrade === 'warn' && !legacy))
            return result;
        connection.socket.destroy();
        this.#sessions.drop(name);
        return { failure: { stage: 'verified', sentinel }, ms };
    }
    async #attempt(index, signal, witness) {
        const { hostname, port, identity, offers, contexts, timeouts, resume } = this.#settings;
        const offer = offers[index];
        const context = contexts[index];
        const session = resume ? this.#sessions.take(offer.name) : undefined;
        const onSession = resume ? (ticket) => this.#sessions.put(offer.name, ticket) : undefined;
        const settings = { hostname, port, offer, context, identity, session, onSession, timeouts, witness };
        const result = await this.#attemptBy(settings, signal);
        if ('failure' in result) {
            this.#sessions.drop(offer.name);
        }
        else if (resume) {
            const { negotiated, certificateEnd } = result.connection;
            if (!negotiated.resumed)
                this.#sessions.verified(offer.name, certificateEnd);
            // Up to TLS 1.2 a resumed session gets no new ticket as a rule, and stays good for the next connection.
            if (session !== undefined && negotiated.resumed && negotiated.protocol !== 'TLSv1.3') {
                this.#sessions.put(offer.name, session);
            }
        }
        return result;
    }
    #record(index, result) {
        const offer = this.#settings.offers[index].name;
        if ('connection' in result)
            return { offer, outcome: 'ok', ms: result.ms };
        const { outcome, code, alert } = judge(result.failure);
        return { offer, outcome, code, ...(alert === undefined ? {} : { alert }), ms: result.ms };
    }
    #deliver(connection, attempts, started) {
        connection.attempts = [...attempts];
        this.#observer.handshake(connection, Math.round(this.#now() - started));
    }
    #error(verdict, attempts) {
        return explain(verdict, attempts, this.#settings);
    }
    /** Milliseconds of `timeouts.ladder` that are left. */
    #left(started) {
        return this.#settings.timeouts.ladder - (this.#now() - started);
    }
}
const tooLate = {
    action: 'stop',
    outcome: 'timeout',
    cause: 'timeout',
    code: 'ETIMEDOUT',
    hint: 'the attempts together took longer than `timeouts.ladder`',
};
const allRefused = { action: 'stop', outcome: 'failed', cause: 'tls-version', code: 'ECONNRESET' };
//# sourceMappingURL=ladder.js.map