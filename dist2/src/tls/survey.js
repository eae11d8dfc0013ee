import { findingsOf, pinOf } from './findings.js';
import { versionOrder } from './offers.js';
import { describeCertificate } from './server-certificate.js';
import { observe } from './survey-handshake.js';
import { hasIdentity, proposalsOf, withoutIdentity } from './survey-plan.js';
/** Application protocols offered, as a browser would. */
const offeredProtocols = ['h2', 'http/1.1'];
/**
 * Finds out what a server speaks: each version and set of groups by a handshake of its own, one after the other, with
 * the route's credentials, once more without its client certificate, and once more with the session of the first.
 *
 * A handshake that could only repeat an earlier one is left out: without the certificate where the server never got as
 * far as asking for it, the post-quantum group alone where the server does not speak the version, and everything where
 * no TCP connection comes about.
 *
 * @param tls credentials and trust; the versions and the ladder's other settings are not heeded
 * @param onTrial told of each handshake before it begins
 * @throws the signal's reason, and nothing else
 */
export async function survey(place, tls, signal, onTrial = () => undefined) {
    const surveyor = new Surveyor(place, tls, signal, onTrial);
    for (const version of versionOrder.toReversed()) {
        if (surveyor.nobodyThere)
            break;
        await surveyor.explore(version);
    }
    return surveyor.finish();
}
class Surveyor {
    #place;
    #tls;
    #signal;
    #onTrial;
    #observed = [];
    #handshakes = [];
    #alpn = offeredProtocols;
    constructor(place, tls, signal, onTrial) {
        this.#place = place;
        this.#tls = tls;
        this.#signal = signal;
        this.#onTrial = onTrial;
    }
    /** True once an attempt has shown that there is nobody to speak TLS with. */
    get nobodyThere() {
        return this.#observed.length > 0 && this.#observed.every(({ connected }) => !connected);
    }
    async explore(version) {
        const clientCertificate = hasIdentity(this.#tls);
        const own = [];
        for (const proposal of proposalsOf(this.#tls, version)) {
            const spoken = own.some(({ observed }) => observed.handshake.protocol !== undefined);
            if (this.nobodyThere || (!spoken && proposal.groups === 'post-quantum'))
                continue;
            const observed = await this.#shake({ version, groups: proposal.groups, clientCertificate }, proposal);
            if (observed !== undefined)
                own.push({ proposal, observed });
        }
        const best = own.find(({ observed }) => observed.handshake.result === 'confirmed') ??
            own.find(({ observed }) => observed.handshake.protocol !== undefined);
        if (best === undefined)
            return;
        const { proposal, observed } = best;
        const { groups } = proposal;
        const { session } = observed;
        if (session !== undefined)
            await this.#shake({ version, groups, clientCertificate }, proposal, session);
        if (!clientCertificate)
            return;
        const bare = proposalsOf(withoutIdentity(this.#tls), version).find((each) => each.groups === groups);
        if (bare !== undefined)
            await this.#shake({ version, groups, clientCertificate: false }, bare);
    }
    finish() {
        const handshakes = this.#handshakes;
        const withCertificate = hasIdentity(this.#tls);
        const versions = findingsOf(handshakes, withCertificate);
        return { handshakes, versions, certificates: this.#certificates(), pin: pinOf(handshakes, this.#tls) };
    }
    /** One handshake; undefined where this runtime cannot even propose it. */
    async #shake(trial, { ready }, session) {
        this.#onTrial({ ...trial, resuming: session !== undefined });
        if ('message' in ready) {
            this.#handshakes.push({ ...trial, resuming: false, ...impossible, hint: ready.message, ms: 0 });
            return undefined;
        }
        const once = () => observe(this.#place, trial, ready, this.#alpn, session, this.#signal);
        let observed = await once();
        if (observed.handshake.alert === noApplicationProtocol && this.#alpn.length > 0) {
            // The proxy itself offers no ALPN, so this says nothing of what it would see.
            this.#alpn = [];
            observed = await once();
        }
        this.#observed.push(observed);
        this.#handshakes.push(observed.handshake);
        return observed;
    }
    #certificates() {
        const shown = new Map();
        for (const observed of this.#observed) {
            const { certificate } = observed.witness;
            if (certificate === undefined)
                continue;
            const known = shown.get(certificate.fingerprint256);
            if (known !== undefined)
                known.all.push(observed);
            else
                shown.set(certificate.fingerprint256, { certificate, all: [observed] });
        }
        return [...shown.values()].map(({ certificate, all }) => {
            const errors = all.flatMap(({ distrust, witness }) => [distrust, witness.wrongIdentity].filter(isError));
            const versions = [...new Set(all.map(({ handshake }) => handshake.version))];
            return { ...describeCertificate(certificate, errors), versions };
        });
    }
}
function isError(error) {
    return error !== undefined;
}
const noApplicationProtocol = 120;
const impossible = { result: 'failed', outcome: 'policy', code: 'ERR_LOCAL', cause: 'tls-policy' };
//# sourceMappingURL=survey.js.map