import { ProxyError } from '../errors.js';
import { explain } from '../tls/explain.js';
import { alertOf, judge } from '../tls/verdict.js';
/** Tells apart why a connection was lost under a request: the causes that look the same from outside. */
export function lossOf(loss) {
    const { secure, name, error } = loss;
    const { attempts } = secure;
    if (loss.answered)
        return new ProxyError('bad-response', `${name} cut its response short`, { cause: error });
    if (loss.bytesSeen > 0) {
        const text = `${name} closed the connection before its response's head was complete`;
        return new ProxyError('bad-response', text, { cause: error, error: 'http_response_incomplete' });
    }
    if (secure.refusal !== undefined)
        return refusalOf(secure.refusal, loss);
    if (alertOf(error) !== undefined)
        return refusalOf(judge({ stage: 'verified', error }), loss);
    if (!loss.reused) {
        const text = `${name} dropped a fresh connection after it had the request, without a response: its fault, not TLS's; see its logs`;
        return new ProxyError('server-fault', text, { attempts, cause: error });
    }
    const text = `${name} had dropped the kept-alive connection, and this request may have reached it; send it again if that does no harm, or set \`pool: { keepAlive: false }\` or \`replay: always\``;
    return new ProxyError('stale-connection', text, { cause: error });
}
/** A refusal that came after the handshake was complete for us: it is how the last attempt really ended. */
export function refusalOf(verdict, { secure, upstream }) {
    const { alert, code, outcome } = verdict;
    const attempts = secure.attempts.map((attempt, index) => index < secure.attempts.length - 1
        ? attempt
        : { ...attempt, outcome, code, ...(alert === undefined ? {} : { alert }) });
    return explain(verdict, attempts, upstream);
}
//# sourceMappingURL=loss.js.map