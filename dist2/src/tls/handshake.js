import * as net from 'node:net';
import * as tls from 'node:tls';
import { checkIdentity } from './identity.js';
import { SecureConnection } from './secure-connection.js';
/**
 * Makes one attempt in two steps, TCP and then TLS, so that each has its own time limit and the bytes on the wire can be
 * counted. Never rejects, but for an abort: then everything is closed and the signal's reason is thrown.
 */
export function attempt(settings, signal) {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        new HandshakeAttempt(settings, signal, resolve, reject);
    });
}
class HandshakeAttempt {
    #settings;
    #signal;
    #resolve;
    #reject;
    #raw;
    #started = performance.now();
    #tlsStarted = 0;
    #timer;
    #secure;
    #stage = 'tcp';
    #over = false;
    constructor(settings, signal, resolve, reject) {
        this.#settings = settings;
        this.#signal = signal;
        this.#resolve = resolve;
        this.#reject = reject;
        signal.addEventListener('abort', this.#abort, { once: true });
        this.#timer = setTimeout(this.#expire, settings.timeouts.connect);
        this.#raw = net.connect({ host: settings.hostname, port: settings.port, noDelay: true });
        this.#raw.on('error', this.#fail);
        this.#raw.once('connect', this.#startTls);
    }
    #startTls = () => {
        const { context, identity, session, onSession, timeouts, witness } = this.#settings;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(this.#expire, timeouts.handshake);
        this.#stage = 'hello';
        this.#tlsStarted = performance.now();
        const options = {
            socket: witness?.tap(this.#raw) ?? this.#raw,
            secureContext: context,
            // Said in so many words, because NODE_TLS_REJECT_UNAUTHORIZED would otherwise decide.
            rejectUnauthorized: true,
            // Our own check runs at 'secureConnect'.
            checkServerIdentity: () => undefined,
        };
        // RFC 6066 section 3: an address is no server name.
        if (net.isIP(identity.name) === 0)
            options.servername = identity.name;
        if (session !== undefined)
            options.session = session;
        if (witness !== undefined && witness.alpn.length > 0)
            options.ALPNProtocols = [...witness.alpn];
        const secure = tls.connect(options);
        this.#secure = secure;
        witness?.watch(secure);
        // From the start: up to TLS 1.2 the session comes within the handshake. Node holds it back until 'secureConnect'
        // has been heard, and by then a server that did not verify is destroyed.
        if (onSession !== undefined) {
            secure.on('session', (ticket) => {
                if (!secure.destroyed)
                    onSession(ticket);
            });
        }
        secure.on('keylog', this.#advance);
        secure.on('error', this.#fail);
        secure.once('end', this.#close);
        secure.once('close', this.#close);
        secure.once('secureConnect', this.#verify);
    };
    /**
     * The moments at which OpenSSL derives secrets tell how far the handshake is; the secrets themselves are dropped.
     * TLS 1.3 derives CLIENT_TRAFFIC_SECRET_0, TLS 1.2 and below CLIENT_RANDOM, just when our certificate goes out.
     */
    #advance = (line) => {
        if (line.subarray(0, 14).equals(clientRandom) || line.subarray(0, 24).equals(clientTraffic)) {
            this.#stage = 'certificate';
        }
    };
    #verify = () => {
        const secure = this.#secure;
        this.#stage = 'verified';
        // Node knows no certificate on a resumed connection; the one that its session comes from passed this very check.
        const wrong = secure.isSessionReused() ? undefined : checkIdentity(secure, this.#settings.identity);
        if (wrong !== undefined) {
            this.#end({ stage: 'verified', untrusted: true, error: wrong });
            return;
        }
        this.#finish();
        secure.removeListener('keylog', this.#advance);
        secure.removeListener('error', this.#fail);
        secure.removeListener('end', this.#close);
        secure.removeListener('close', this.#close);
        const handshakeTime = performance.now() - this.#tlsStarted;
        const connection = new SecureConnection(secure, this.#raw, this.#settings.offer, read(secure), handshakeTime);
        connection.certificateEnd = Date.parse(secure.getPeerCertificate().valid_to);
        this.#raw.removeListener('error', this.#fail);
        // Errors of the TCP socket reach its TLS socket too; without a listener here they would be thrown as well.
        this.#raw.on('error', (error) => secure.destroy(error));
        this.#resolve({ connection, ms: this.#elapsed() });
    };
    #fail = (error) => {
        // OpenSSL only reports what the verification said; Node acts on it after the handshake and marks the socket.
        const untrusted = Boolean(this.#secure?.authorizationError);
        this.#end(untrusted ? { stage: 'verified', untrusted, error } : { stage: this.#reached(), error });
    };
    #close = () => this.#end({ stage: this.#reached() });
    #expire = () => this.#end({ stage: this.#reached(), timedOut: true });
    #abort = () => {
        this.#finish();
        this.#destroy();
        this.#reject(this.#signal.reason);
    };
    #reached() {
        return this.#stage === 'hello' && this.#raw.bytesRead > 0 ? 'answered' : this.#stage;
    }
    #end(failure) {
        if (this.#over)
            return;
        this.#finish();
        this.#destroy();
        this.#resolve({ failure, ms: this.#elapsed() });
    }
    #finish() {
        this.#over = true;
        clearTimeout(this.#timer);
        this.#signal.removeEventListener('abort', this.#abort);
    }
    /** The error listeners stay: what still comes from a socket that is being destroyed has been judged already. */
    #destroy() {
        this.#secure?.destroy();
        this.#raw.destroy();
    }
    #elapsed() {
        return Math.round(performance.now() - this.#started);
    }
}
const clientRandom = Buffer.from('CLIENT_RANDOM ');
const clientTraffic = Buffer.from('CLIENT_TRAFFIC_SECRET_0 ');
function read(socket) {
    const key = socket.getEphemeralKeyInfo();
    return {
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        group: key.name ?? key.type ?? '',
        resumed: socket.isSessionReused(),
    };
}
//# sourceMappingURL=handshake.js.map