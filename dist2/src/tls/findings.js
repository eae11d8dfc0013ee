import { offersOf, versionOrder } from './offers.js';
import { hasIdentity } from './survey-plan.js';
/**
 * Puts the handshakes of each version together.
 *
 * @param withCertificate whether the route has a client certificate
 */
export function findingsOf(handshakes, withCertificate) {
    const versions = [...new Set(handshakes.map(({ version }) => version))];
    return versions.map((version) => {
        const all = handshakes.filter((each) => each.version === version);
        const own = all.filter((each) => !each.resuming && each.clientCertificate === withCertificate);
        const best = own.find(({ result }) => result === 'confirmed') ?? own.find(({ protocol }) => protocol !== undefined);
        return {
            version,
            result: own.map(stateOf).sort(byState)[0] ?? 'failed',
            ...(best !== undefined && { groups: best.groups }),
            clientCertificate: certificateOf(all.filter((each) => !each.resuming)),
            resumption: resumptionOf(best, all.find(({ resuming }) => resuming)),
        };
    });
}
/** The lines for the route, from what works with its credentials; TLS 1.1 and below only if nothing else does. */
export function pinOf(handshakes, tls) {
    const full = handshakes.filter(({ resuming }) => !resuming);
    const own = full.filter(({ clientCertificate }) => clientCertificate === hasIdentity(tls));
    const state = own.map(stateOf).sort(byState)[0] ?? 'failed';
    if (state === 'failed')
        return { versions: [], remarks: [] };
    const working = own.filter((each) => stateOf(each) === state);
    const all = versionOrder.toReversed().filter((version) => working.some((each) => each.version === version));
    const modern = all.filter((version) => version === 'TLSv1.3' || version === 'TLSv1.2');
    const versions = modern.length > 0 ? modern : all;
    const remarks = [];
    if (state === 'unverified')
        remarks.push('They work once the server’s certificate verifies.');
    if (state === 'refused')
        remarks.push('The server speaks them, but accepted no handshake.');
    if (state !== 'confirmed' && full.some(({ result }) => result === 'confirmed')) {
        remarks.push('It takes clients without a certificate: leave out `cert` and `key`, or use ones that it accepts.');
    }
    if (modern.length === 0) {
        remarks.push('These versions are broken (RFC 8996): name them only until the server speaks TLSv1.2.');
    }
    const groups = groupsFor(working.filter(({ version }) => versions.includes(version)), tls);
    return { versions, ...(groups !== undefined && { groups }), remarks };
}
const states = ['confirmed', 'unverified', 'refused', 'failed'];
function byState(a, b) {
    return states.indexOf(a) - states.indexOf(b);
}
function stateOf({ result, protocol }) {
    return result === 'failed' && protocol !== undefined ? 'refused' : result;
}
/** The groups to name where OpenSSL's default ones do not work with the highest version. */
function groupsFor(working, tls) {
    const top = working[0]?.version;
    const sets = working.filter(({ version }) => version === top).map(({ groups }) => groups);
    if (top === undefined || sets.includes('default'))
        return undefined;
    if (sets.includes('configured'))
        return tls.groups;
    if (!sets.includes('classical'))
        return undefined;
    return offersOf({ versions: [top], offer: 'exact' }, true)[1]?.groups;
}
function certificateOf(full) {
    const asked = full.find(({ certificateRequested }) => certificateRequested !== undefined)?.certificateRequested;
    const refused = full.some(({ clientCertificate, result, cause, protocol }) => !clientCertificate && result === 'failed' && cause === 'client-certificate' && protocol !== undefined);
    if (refused && asked !== false)
        return 'demanded';
    if (asked === undefined)
        return 'unknown';
    return asked ? 'asked' : 'not-asked';
}
function resumptionOf(first, second) {
    if (second !== undefined) {
        if (second.result !== 'confirmed')
            return 'failed';
        return second.resumed ? 'resumed' : 'full';
    }
    return first?.result === 'confirmed' ? 'no-session' : 'unknown';
}
//# sourceMappingURL=findings.js.map