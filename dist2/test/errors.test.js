import t from 'tap';
import { failures, ProxyError } from '../src/errors.js';
t.test('what is left out follows from the cause', async (t) => {
    const error = new ProxyError('timeout', 'too late');
    t.match(error, {
        name: 'ProxyError',
        message: 'too late',
        code: 'timeout',
        source: 'upstream',
        attempts: [],
        error: failures.timeout.error,
        status: 504,
    });
    t.notOk('cause' in error);
});
t.test('what is given wins', async (t) => {
    const cause = new Error('below');
    const attempts = [{ offer: 'TLSv1.3', outcome: 'reset', ms: 1 }];
    const options = { source: 'downstream', attempts, cause, error: 'http_response_timeout', status: 431 };
    t.match(new ProxyError('bad-request', 'too long', options), options);
});
t.test('every type is one of RFC 9209 section 2.3', async (t) => {
    const known = new Set([
        'dns_error',
        'destination_not_found',
        'destination_ip_unroutable',
        'connection_refused',
        'connection_terminated',
        'connection_timeout',
        'connection_limit_reached',
        'tls_protocol_error',
        'tls_certificate_error',
        'tls_alert_received',
        'http_request_error',
        'http_request_denied',
        'http_protocol_error',
        'proxy_internal_error',
    ]);
    for (const [cause, { error, status }] of Object.entries(failures)) {
        t.ok(known.has(error), cause);
        t.ok([400, 403, 404, 500, 502, 503, 504].includes(status), cause);
    }
});
//# sourceMappingURL=errors.test.js.map