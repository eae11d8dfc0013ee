/** One row a cause: how it is told to the local program. The only place that knows status codes of failures. */
export const failures = {
    'tls-version': { error: 'tls_protocol_error', status: 502, title: 'The upstream accepted none of the TLS offers' },
    'server-certificate': {
        error: 'tls_certificate_error',
        status: 502,
        title: "The upstream's certificate was not accepted",
    },
    'client-certificate': {
        error: 'tls_alert_received',
        status: 502,
        title: 'The upstream did not accept our client certificate',
    },
    'tls-policy': { error: 'tls_protocol_error', status: 502, title: 'The upstream needs a TLS setting that is off' },
    'stale-connection': {
        error: 'connection_terminated',
        status: 502,
        title: 'A kept-alive connection was gone and the request may not be sent twice',
    },
    'server-fault': {
        error: 'connection_terminated',
        status: 502,
        title: 'The upstream dropped the connection after it took the request',
    },
    refused: { error: 'connection_refused', status: 502, title: 'The upstream refused the connection' },
    unreachable: { error: 'destination_ip_unroutable', status: 502, title: 'The upstream cannot be reached' },
    dns: { error: 'dns_error', status: 502, title: "The upstream's name was not found" },
    timeout: { error: 'connection_timeout', status: 504, title: 'The upstream took too long' },
    'bad-response': { error: 'http_protocol_error', status: 502, title: "The upstream's response is not valid HTTP" },
    'no-route': { error: 'destination_not_found', status: 404, title: 'No route matches this request' },
    guard: { error: 'http_request_denied', status: 403, title: 'This client may not use the proxy' },
    'bad-request': { error: 'http_request_error', status: 400, title: 'The request is not valid HTTP' },
    overloaded: { error: 'connection_limit_reached', status: 503, title: 'Too many connections' },
    internal: { error: 'proxy_internal_error', status: 500, title: 'The proxy failed on this request' },
};
/** The one error class. `message` is a sentence for a person that says what to change. */
export class ProxyError extends Error {
    code;
    source;
    attempts;
    error;
    status;
    constructor(code, message, options = {}) {
        super(message, options.cause === undefined ? undefined : { cause: options.cause });
        this.name = 'ProxyError';
        this.code = code;
        this.source = options.source ?? 'upstream';
        this.attempts = options.attempts ?? [];
        this.error = options.error ?? failures[code].error;
        this.status = options.status ?? failures[code].status;
    }
}
//# sourceMappingURL=errors.js.map