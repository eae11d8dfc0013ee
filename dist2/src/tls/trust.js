import { existsSync, readFileSync } from 'node:fs';
import * as tls from 'node:tls';
/** Where systems without `tls.getCACertificates` (Node 20) keep their roots as one file, most common first. */
const systemFiles = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/ssl/cert.pem',
];
/** Node's own way to the system's roots, since 22.15; the types are those of Node 20. */
const nodesOwn = tls.getCACertificates;
/**
 * The system's trust anchors as PEM certificates, one each.
 *
 * @param files the places to look at where Node cannot tell by itself
 * @param ask how Node is asked, where it can be
 * @throws if there is no system store to be found, or an empty one
 */
export function systemAnchors(files = systemFiles, ask = nodesOwn) {
    const anchors = ask ? ask('system') : anchorsIn(files.find((name) => existsSync(name)));
    // Node gives an empty list where there is no store; a route that trusts nobody is never what was meant.
    if (anchors.length === 0) {
        throw new Error('this machine has no system trust store where one is expected; name a file in `ca`');
    }
    return anchors;
}
function anchorsIn(file) {
    return file === undefined ? [] : pemBlocks(readFileSync(file, 'latin1'), 'CERTIFICATE');
}
/**
 * Node's bundled roots (Mozilla's) and the system's, without doubles. A machine without a system store still has the
 * bundled ones.
 */
export function defaultAnchors(system = systemAnchors) {
    const all = new Set(tls.rootCertificates.map((pem) => pem.trim()));
    for (const pem of orNone(system))
        all.add(pem.trim());
    return [...all];
}
function orNone(system) {
    try {
        return system();
    }
    catch {
        return [];
    }
}
/** The PEM blocks of a kind in a text that may hold anything between them. */
export function pemBlocks(text, kind) {
    return text.match(new RegExp(`-----BEGIN ${kind}-----[^-]+-----END ${kind}-----`, 'g')) ?? [];
}
//# sourceMappingURL=trust.js.map