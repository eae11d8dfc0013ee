/**
 * The offer that worked last with one upstream, for one route. The top one is known until it fails; a lower one for the
 * route's `remember` at most.
 */
export class OfferMemory {
    #lifetime;
    #now;
    #remembered;
    /**
     * @param lifetime milliseconds for which a lower offer counts; 0 = never
     * @param now a clock in milliseconds that never goes back
     */
    constructor(lifetime, now = () => performance.now()) {
        this.#lifetime = lifetime;
        this.#now = now;
    }
    /** What is remembered and still counts. */
    get current() {
        const kept = this.#remembered;
        return kept !== undefined && kept.until > this.#now() ? kept : undefined;
    }
    /** The index that was remembered last, whether or not it still counts. */
    get last() {
        return this.#remembered?.index;
    }
    /** Notes the offer of a verified handshake. */
    remember(index) {
        this.#remembered = { index, until: index === 0 ? Infinity : this.#now() + this.#lifetime };
    }
    /** Lets `known` count no longer, unless something newer has been learnt since. */
    forget(known) {
        if (this.#remembered === known)
            this.#remembered = { index: known.index, until: -Infinity };
    }
}
//# sourceMappingURL=memory.js.map