import { versionOrder } from './offers.js';
import { HelloTap, sentinelOf } from './sentinel.js';
/**
 * Looks for the downgrade sentinel in one handshake. OpenSSL looks for it only against the versions of the very offer,
 * so that for an offer without the higher ones nobody does.
 */
export class SentinelWitness {
    alpn = [];
    #tap;
    tap(raw) {
        this.#tap = new HelloTap(raw);
        return this.#tap;
    }
    watch() { }
    /** The version above the chosen one that the server says it speaks; undefined if it says nothing. */
    get sentinel() {
        const random = this.#tap?.random;
        return random && sentinelOf(random);
    }
}
/** Whether an offer of a ladder lacks a version that one before it had. */
export function isLowered(offers, index) {
    const rank = ({ max }) => versionOrder.indexOf(max);
    const own = rank(offers[index]);
    return offers.slice(0, index).some((offer) => rank(offer) > own);
}
//# sourceMappingURL=sentinel-witness.js.map