/** Numbers of the protocol versions on the wire (RFC 8446 appendix B.3.1.1 and its predecessors). */
export const tls12 = 0x0303;
const handshakeRecord = 22;
const clientHello = 1;
const supportedVersions = 43;
/** Bytes; no client sends a ClientHello that long, and nobody shall make us hold more. */
const longest = 65_535;
/**
 * The protocol versions that a ClientHello offers, as wire numbers without GREASE values (RFC 8701).
 * A ClientHello without supported_versions offers its legacy_version (RFC 8446 section 4.2.1).
 *
 * @param bytes what a connection has sent so far, from its first byte on
 * @returns undefined while the ClientHello is not complete; empty if these bytes are no ClientHello
 */
export function offeredVersions(bytes) {
    const message = firstMessage(bytes);
    if (message === undefined)
        return undefined;
    try {
        return versionsIn(message);
    }
    catch (error) {
        if (error instanceof RangeError)
            return [];
        throw error;
    }
}
/** The first handshake message without its four bytes of header, put together from as many records as it takes. */
function firstMessage(bytes) {
    const none = Buffer.alloc(0);
    let message = none;
    for (let at = 0;;) {
        if (bytes.length > at && bytes[at] !== handshakeRecord)
            return none;
        if (bytes.length < at + 5)
            return undefined;
        const end = at + 5 + bytes.readUInt16BE(at + 3);
        message = Buffer.concat([message, bytes.subarray(at + 5, end)]);
        if (message.length > 0 && message[0] !== clientHello)
            return none;
        if (message.length >= 4) {
            const length = message.readUIntBE(1, 3);
            if (length > longest)
                return none;
            if (message.length >= 4 + length)
                return message.subarray(4, 4 + length);
        }
        if (bytes.length < end)
            return undefined;
        at = end;
    }
}
/** Walks the fields of RFC 8446 section 4.1.2; reading past the end throws a RangeError. */
function versionsIn(message) {
    const legacyVersion = message.readUInt16BE(0);
    let at = 2 + 32;
    at += 1 + message.readUInt8(at); // legacy_session_id
    at += 2 + message.readUInt16BE(at); // cipher_suites
    at += 1 + message.readUInt8(at); // legacy_compression_methods
    if (at >= message.length)
        return [legacyVersion];
    const end = at + 2 + message.readUInt16BE(at);
    at += 2;
    while (at < end) {
        const type = message.readUInt16BE(at);
        const length = message.readUInt16BE(at + 2);
        if (type === supportedVersions) {
            const versions = [];
            for (let i = 0; i + 1 < message.readUInt8(at + 4); i += 2)
                versions.push(message.readUInt16BE(at + 5 + i));
            return versions.filter((version) => version >> 8 === 3);
        }
        at += 4 + length;
    }
    return [legacyVersion];
}
//# sourceMappingURL=client-hello.js.map