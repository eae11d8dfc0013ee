import { checkIdentity } from './identity.js';
import { groupNames, WireTap } from './wire-tap.js';
/**
 * Writes down what one handshake shows, whether or not it ends well.
 *
 * Node drops a connection whose certificate does not verify before it gives out the socket, and a destroyed socket tells
 * nothing any more. So everything is read at the 'keylog' events, which come in the midst of the handshake, when the
 * server's certificate is there and nobody has judged it yet. It is not read by `getPeerX509Certificate`, which up to
 * Node 24 takes the certificates out of OpenSSL's own list: afterwards no name could be verified any more.
 */
export class HandshakeWitness {
    alpn;
    /** `TLSv1.2` and so on; undefined as long as the server has not agreed to a version and the keys are not made. */
    protocol;
    /** The cipher suite, by IANA's name and by OpenSSL's. */
    cipher;
    /** The server's certificate; those above it, as far as sent or trusted here, are its `issuerCertificate`. */
    certificate;
    /** What {@link checkIdentity} says of it, whatever its chain is worth. */
    wrongIdentity;
    #identity;
    #wire;
    #secure;
    #exchange;
    constructor(identity, alpn) {
        this.#identity = identity;
        this.alpn = alpn;
    }
    tap(raw) {
        this.#wire = new WireTap(raw);
        return this.#wire;
    }
    watch(secure) {
        this.#secure = secure;
        secure.on('keylog', () => this.#look(secure));
    }
    /** The protocol chosen by ALPN; null if the server chose none, undefined if it is not known. */
    get chosen() {
        const chosen = this.#secure?.alpnProtocol;
        return chosen === false ? null : (chosen ?? undefined);
    }
    /** The key-exchange group as the key `groups` names it, `DH 2048` and the like for a group of the server's own. */
    get group() {
        const number = this.#wire?.group;
        if (number !== undefined)
            return groupNames[number] ?? `0x${number.toString(16).padStart(4, '0')}`;
        const { type, name, size } = this.#exchange ?? {};
        return type === 'DH' ? `DH ${size}` : (curves[name ?? ''] ?? name);
    }
    /** Whether the server asked for a client certificate in this full handshake; undefined if that is not known. */
    get certificateRequested() {
        return this.protocol === undefined ? undefined : this.#wire?.requestedCertificate(this.protocol);
    }
    #look(secure) {
        // Null, as these types have it, only on a server or once the socket is destroyed: no event comes then.
        this.protocol ??= secure.getProtocol();
        this.cipher ??= secure.getCipher();
        this.#exchange = secure.getEphemeralKeyInfo();
        if (this.certificate !== undefined)
            return;
        const certificate = secure.getPeerCertificate(true);
        if (certificate.raw === undefined)
            return; // an empty object: not there yet
        this.certificate = certificate;
        this.wrongIdentity = checkIdentity(secure, this.#identity);
    }
}
/** OpenSSL's other names of the curves. */
const curves = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
//# sourceMappingURL=handshake-witness.js.map