import { failures } from '../errors.js';
/** Where the documents live that a problem's `type` points to. */
const documents = 'https://github.com/local-mtls-proxy/local-mtls-proxy/blob/main/docs/problems.md';
/**
 * Answers with a problem document (RFC 9457) and Proxy-Status (RFC 9209); where a response has begun already it is cut
 * short, so that nobody takes it for whole.
 */
export function respond(response, error, about = {}) {
    if (response.headersSent) {
        // To a client of HTTP/1.0 the end of the connection may be the end of the body: only a reset says that it is not.
        if (response.req.httpVersionMinor === 0)
            response.socket?.resetAndDestroy();
        else
            response.destroy();
        return 0;
    }
    const body = Buffer.from(`${JSON.stringify(problem(error, about))}\n`);
    response.writeHead(error.status, [
        'Content-Type',
        'application/problem+json',
        'Content-Length',
        String(body.length),
        'Cache-Control',
        'no-store',
        'Proxy-Status',
        proxyStatus(error),
    ]);
    response.end(body);
    return body.length;
}
/** The problem document of a failure, as JSON. */
export function problem(error, { route, upstream } = {}) {
    return {
        type: `${documents}#${error.code}`,
        title: failures[error.code].title,
        status: error.status,
        detail: error.message,
        route,
        cause: error.code,
        upstream,
        attempts: error.attempts,
    };
}
/** The Proxy-Status field of a failure: an RFC 8941 item with the error's type and details. */
export function proxyStatus(error) {
    const alert = error.attempts.at(-1)?.alert;
    const number = error.error === 'tls_alert_received' && alert !== undefined ? `; alert-id=${alert}` : '';
    return `mtls-proxy; error=${error.error}${number}; details="${quotable(error.message)}"`;
}
/** RFC 8941 strings are printable ASCII, with quotation mark and backslash escaped. */
function quotable(text) {
    return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
}
//# sourceMappingURL=respond.js.map