import { X509Certificate } from 'node:crypto';
import { judge } from './verdict.js';
const day = 24 * 60 * 60 * 1000;
/**
 * Describes a server's certificate.
 *
 * @param peer as `getPeerCertificate(true)` gives it
 * @param errors what verification found, whatever is known; its validity is looked at here as well, because OpenSSL
 *   names one fault only
 * @param now milliseconds since 1970
 */
export function describeCertificate(peer, errors, now = Date.now()) {
    const certificate = new X509Certificate(peer.raw);
    const found = new Map();
    for (const error of [...errors, ...validity(certificate, now)]) {
        const code = error.code ?? error.message;
        if (!found.has(code))
            found.set(code, error);
    }
    const wrong = [...found.values()].map((error) => judge({ stage: 'verified', untrusted: true, error }).hint);
    return { ...summary(certificate, now), names: certificate.subjectAltName ?? '', chain: chainOf(peer, now), wrong };
}
/** Whole days from now until a certificate expires; negative if it has expired. */
export function daysLeft(notAfter, now = Date.now()) {
    return Math.floor((Date.parse(notAfter) - now) / day);
}
function validity({ validFrom, validTo }, now) {
    const fault = (code) => [Object.assign(new Error(code), { code })];
    if (Date.parse(validTo) < now)
        return fault('CERT_HAS_EXPIRED');
    return Date.parse(validFrom) > now ? fault('CERT_NOT_YET_VALID') : [];
}
function chainOf(leaf, now) {
    const chain = [];
    const known = new Set([leaf.fingerprint256]);
    let above = leaf.issuerCertificate;
    // A root is its own issuer.
    while (above !== undefined && !known.has(above.fingerprint256)) {
        known.add(above.fingerprint256);
        chain.push(summary(new X509Certificate(above.raw), now));
        above = above.issuerCertificate;
    }
    return chain;
}
function summary(certificate, now) {
    return {
        subject: oneLine(certificate.subject),
        issuer: oneLine(certificate.issuer),
        notBefore: new Date(certificate.validFrom).toISOString(),
        notAfter: new Date(certificate.validTo).toISOString(),
        daysLeft: daysLeft(certificate.validTo, now),
        fingerprint: certificate.fingerprint256,
    };
}
/** Node gives one attribute a line; undefined for an empty name. */
function oneLine(name) {
    return (name ?? '').split('\n').join(', ');
}
//# sourceMappingURL=server-certificate.js.map