import { createHash, X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import * as tls from 'node:tls';
/**
 * Checks name and pins of the certificate that the server showed in a full handshake. In a resumed one it shows none.
 *
 * @returns the error to end the connection with, or undefined if the certificate is the right one
 */
export function checkIdentity(socket, identity) {
    const certificate = socket.getPeerCertificate();
    if (identity.verifyHostname) {
        const wrong = tls.checkServerIdentity(identity.name, certificate);
        if (wrong !== undefined && !bearsAddress(certificate, identity.name))
            return wrong;
    }
    if (identity.pins.length === 0)
        return undefined;
    const pin = spkiPin(new X509Certificate(certificate.raw));
    if (identity.pins.includes(pin))
        return undefined;
    const error = new Error(`none of the route's \`pins\` is that of its public key; if the new key is right, pin "${pin}"`);
    error.code = 'ERR_TLS_PIN_MISMATCH';
    return error;
}
/** Node 22.23 takes an IPv6 address for a name and finds it in no certificate. */
function bearsAddress({ raw }, name) {
    return isIPv6(name) && new X509Certificate(raw).checkIP(name) !== undefined;
}
/** The pin of a certificate's public key: `sha256/` and the base64 of its SubjectPublicKeyInfo's hash. */
export function spkiPin(certificate) {
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
    return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}
//# sourceMappingURL=identity.js.map