import { HelloTap } from './sentinel.js';
const changeCipherSpecRecord = 20;
const handshakeRecord = 22;
const encryptedRecord = 23;
/** Handshake message types, RFC 8446 section 4 and RFC 5246 section 7.4. */
const certificateMessage = 11;
const clientKeyExchangeMessage = 16;
/**
 * A {@link HelloTap} that also reads what Node tells nobody on every version: the group of TLS 1.3, and whether the
 * server asked for a client certificate.
 *
 * The second is read from our own records: a client sends a Certificate message, an empty one if it has none, if and
 * only if it was asked (RFC 5246 section 7.4.6, RFC 8446 section 4.4.2). Up to TLS 1.2 that message can be read; in
 * TLS 1.3 it is encrypted, but OpenSSL puts each message into a record of its own, so that Finished is the first
 * encrypted record or it is not.
 */
export class WireTap extends HelloTap {
    #sent = new Records();
    #received = new Records();
    #messages = new Set();
    #ciphered = false;
    #encrypted = 0;
    #group;
    #ended = false;
    /** @param raw connected, and read by nobody else */
    constructor(raw) {
        super(raw);
        // What we send after the server's end is our own farewell.
        for (const event of ['end', 'error', 'close'])
            raw.once(event, () => (this.#ended = true));
        this.on('data', (bytes) => this.#received.add(bytes, this.#read));
    }
    /** Number of the key-exchange group that the server chose in TLS 1.3 (IANA, TLS Supported Groups). */
    get group() {
        return this.#group;
    }
    /** Whether the server asked for a client certificate in this full handshake; undefined if it did not get that far. */
    requestedCertificate(protocol) {
        if (protocol === 'TLSv1.3')
            return this.#encrypted === 0 ? undefined : this.#encrypted > 1;
        if (this.#messages.has(certificateMessage))
            return true;
        return this.#messages.has(clientKeyExchangeMessage) ? false : undefined;
    }
    _write(chunk, encoding, done) {
        if (!this.#ended)
            this.#sent.add(chunk, this.#note);
        super._write(chunk, encoding, done);
    }
    #note = (type, body) => {
        if (type === encryptedRecord)
            this.#encrypted += 1;
        // Up to TLS 1.2 Finished is a handshake record too, but encrypted: its first byte may be any.
        if (type === changeCipherSpecRecord)
            this.#ciphered = true;
        if (type === handshakeRecord && !this.#ciphered)
            this.#messages.add(body[0] ?? 0);
    };
    #read = (type, body) => {
        if (type === handshakeRecord)
            this.#group ??= keyShareOf(body);
    };
}
/** Cuts a stream of bytes into TLS records. */
class Records {
    #rest = Buffer.alloc(0);
    add(bytes, each) {
        let rest = Buffer.concat([this.#rest, bytes]);
        while (rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3)) {
            const end = 5 + rest.readUInt16BE(3);
            each(rest.readUInt8(0), rest.subarray(5, end));
            rest = rest.subarray(end);
        }
        this.#rest = rest;
    }
}
const serverHello = 2;
const keyShare = 51;
/** The group of a ServerHello's key_share (RFC 8446 section 4.2.8); undefined for any other message. */
function keyShareOf(message) {
    if (message[0] !== serverHello || message.length < 39)
        return undefined;
    // Type, length, legacy version, random, session id, cipher suite, compression, length of the extensions.
    let at = 39 + message.readUInt8(38) + 3 + 2;
    while (at + 6 <= message.length) {
        if (message.readUInt16BE(at) === keyShare)
            return message.readUInt16BE(at + 4);
        at += 4 + message.readUInt16BE(at + 2);
    }
    return undefined;
}
/** Names of groups as OpenSSL's lists and the key `groups` take them, by IANA's number. */
export const groupNames = {
    23: 'P-256',
    24: 'P-384',
    25: 'P-521',
    29: 'X25519',
    30: 'X448',
    31: 'brainpoolP256r1tls13',
    32: 'brainpoolP384r1tls13',
    33: 'brainpoolP512r1tls13',
    256: 'ffdhe2048',
    257: 'ffdhe3072',
    258: 'ffdhe4096',
    259: 'ffdhe6144',
    260: 'ffdhe8192',
    512: 'MLKEM512',
    513: 'MLKEM768',
    514: 'MLKEM1024',
    4587: 'SecP256r1MLKEM768',
    4588: 'X25519MLKEM768',
    4589: 'SecP384r1MLKEM1024',
};
//# sourceMappingURL=wire-tap.js.map