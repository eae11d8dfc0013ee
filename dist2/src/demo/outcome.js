import { clientName } from './pki.js';
/** What each upstream does, for a person to read. */
export const does = {
    modern: 'speaks TLS 1.2 and 1.3',
    resets: 'resets each ClientHello offering over TLS 1.2',
    legacy: 'speaks only TLS 1.0',
    rejects: 'rejects our client certificate',
};
/**
 * Says in one sentence what is wrong with an outcome, the first thing only.
 *
 * @returns undefined if it is the right one
 */
export function judge(seen) {
    if (seen.status === undefined)
        return `no response: ${seen.error ?? 'for no known reason'}`;
    if (seen.route === 'rejects')
        return judgeRejected(seen);
    if (seen.status !== 200) {
        return `the status is ${seen.status}, not 200${seen.detail === undefined ? '' : `: ${seen.detail}`}`;
    }
    const protocol = rightProtocol[seen.route];
    if (seen.protocol !== protocol)
        return `the log says protocol ${seen.protocol ?? 'nothing'}, not ${protocol}`;
    if (seen.answer?.upstream !== seen.route)
        return 'the response is not from this upstream';
    if (seen.answer.protocol !== protocol)
        return `the upstream saw ${seen.answer.protocol ?? 'nothing'}, not ${protocol}`;
    if (seen.answer.clientCertificate !== clientName)
        return 'the upstream did not see our client certificate';
    if (seen.attempts.at(-1)?.outcome !== 'ok')
        return 'no handshake that worked is in the log';
    if (seen.route === 'resets' && !seen.fallbacks.some((fallback) => fallback.outcome === 'reset')) {
        return 'no fallback after a reset is in the log';
    }
    // For `legacy` either is right: one offer of all versions, or TLS 1.0 in an offer of its own.
    if (seen.route === 'modern' && seen.fallbacks.length > 0)
        return 'the log tells of a fallback where none is needed';
    return undefined;
}
const rightProtocol = { modern: 'TLSv1.3', resets: 'TLSv1.2', legacy: 'TLSv1' };
/** A lower version would not make a certificate welcome, so none may be tried. */
function judgeRejected(seen) {
    if (seen.status !== 502)
        return `the status is ${seen.status}, not 502`;
    if (seen.cause !== 'client-certificate')
        return `the cause is ${seen.cause ?? 'not given'}, not client-certificate`;
    if (seen.fallbacks.length > 0 || seen.attempts.some((attempt) => !attempt.offer.startsWith('TLSv1.3'))) {
        return 'a lower version was tried';
    }
    return undefined;
}
/** One sentence on an outcome: what was wrong with it, or else why it is the right one. */
export function explain(seen) {
    const wrong = judge(seen);
    if (wrong !== undefined)
        return `Wrong: ${wrong}`;
    switch (seen.route) {
        case 'modern':
            return `Both sides took the best version they have; the upstream saw the client certificate ${clientName}.`;
        case 'resets':
            return 'A reset before any certificate was sent can mean the version, so the next lower offer was made, and logged.';
        case 'legacy':
            return 'TLS 1.0 is spoken because this route lists it in versions; no other route ever offers it.';
        case 'rejects':
            return seen.detail ?? 'A refused certificate is no matter of the version: the proxy stops there and says so.';
    }
}
/** The attempts as a person reads them, in order; `-` if there was none. Only before an arrow may it be wrapped. */
export function inOrder(attempts) {
    return attempts.map((attempt) => `${attempt.offer}\u00a0${attempt.outcome}`).join(' →\u00a0') || '-';
}
//# sourceMappingURL=outcome.js.map