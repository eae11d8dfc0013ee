import { once } from 'node:events';
import { attempt } from './handshake.js';
import { HandshakeWitness } from './handshake-witness.js';
import { alertNames, judge } from './verdict.js';
/**
 * Makes one handshake, waits until the server has accepted or refused us, and closes the connection.
 *
 * @param session what to resume; undefined: a full handshake
 * @throws the signal's reason, and nothing else
 */
export async function observe(place, trial, { offer, context }, alpn, session, signal) {
    const witness = new HandshakeWitness(place.identity, alpn);
    let given;
    const onSession = (each) => {
        given ??= each;
    };
    const result = await attempt({ ...place, offer, context, session, onSession, witness }, signal);
    const failure = 'failure' in result ? result.failure : await refusalOf(result.connection);
    const handshake = {
        ...trial,
        resuming: session !== undefined,
        ...outcomeOf(failure, witness.certificateRequested, trial.clientCertificate),
        ...seen(witness),
        ...(session !== undefined && 'connection' in result && { resumed: result.connection.negotiated.resumed }),
        ms: result.ms,
    };
    const distrust = failure?.untrusted === true ? failure.error : undefined;
    const observed = { handshake, witness, session: given, distrust, connected: failure?.stage !== 'tcp' };
    // Only now: what either side sends in farewell is no part of it.
    if ('connection' in result)
        await close(result.connection);
    return observed;
}
/** Waits for the server's consent. @returns how it refused us; undefined if it did not */
async function refusalOf(connection) {
    await new Promise((resolve) => connection.whenDecided(resolve));
    return connection.consent === 'refused' ? { stage: 'verified', error: connection.lastError } : undefined;
}
/** Says farewell and waits until the connection is gone: small devices take one at a time. */
async function close({ socket }) {
    if (socket.closed)
        return;
    const closed = once(socket, 'close');
    socket.destroySoon();
    await closed;
}
function outcomeOf(failure, requested, ours) {
    if (failure === undefined)
        return { result: 'confirmed', outcome: 'ok' };
    const { outcome, code, alert, cause, hint } = sharpen(judge(failure), requested, ours);
    return {
        result: failure.untrusted === true ? 'unverified' : 'failed',
        outcome,
        code,
        ...(alert !== undefined && { alert }),
        cause,
        ...(hint !== undefined && { hint }),
    };
}
/** Says more of a refusal by what the survey knows besides: whether we were asked for a certificate and had one. */
function sharpen(verdict, requested, ours) {
    if (verdict.cause !== 'client-certificate' || requested === undefined)
        return verdict;
    if (requested && !ours) {
        const { alert, outcome } = verdict;
        const how = alert === undefined ? outcome : `alert ${alertNames[alert]}`;
        return {
            ...verdict,
            hint: `it demands a client certificate (${how}); name one with \`cert\` and \`key\` on a route`,
        };
    }
    if (requested || verdict.alert !== undefined)
        return verdict;
    const hint = 'it ended the connection at the end of the handshake, though it had asked for no client certificate';
    return { ...verdict, cause: 'server-fault', hint };
}
function seen(witness) {
    const { protocol, cipher, group, chosen, certificateRequested, certificate } = witness;
    if (protocol === undefined)
        return {};
    return {
        protocol,
        ...(cipher !== undefined && { cipher: cipher.standardName, opensslCipher: cipher.name }),
        ...(group !== undefined && { group }),
        ...(chosen !== undefined && { alpn: chosen }),
        ...(certificateRequested !== undefined && { certificateRequested }),
        ...(certificate !== undefined && { serverCertificate: certificate.fingerprint256 }),
    };
}
//# sourceMappingURL=survey-handshake.js.map