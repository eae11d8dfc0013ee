import { ProxyError } from '../errors.js';
import { hostOf } from './router.js';
/**
 * Refuses what a web page makes its reader's browser send: by a foreign Host (DNS rebinding) or a foreign Origin. The
 * proxy adds a client certificate to whatever it forwards, so this is decided before any connection is made.
 *
 * @param authority of an absolute-form target, which wins over the Host field
 * @throws ProxyError `guard`
 */
export function guard(request, { hosts }, authority) {
    const { headers } = request;
    const called = authority ?? headers.host;
    if (hosts !== undefined && called !== undefined && !hosts.has(hostOf(called))) {
        throw refusal(`the Host ${JSON.stringify(called)} is neither this listener's nor a route's; call the proxy as localhost`);
    }
    const { origin } = headers;
    if (origin !== undefined && !isOwn(origin, headers.host)) {
        throw refusal(`the request comes from a web page of another origin (${JSON.stringify(origin)})`);
    }
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
        throw refusal(`the browser calls this request ${JSON.stringify(site)}; pages of other origins may not use the proxy`);
    }
}
function isOwn(origin, host) {
    return host !== undefined && origin === `http://${host}`;
}
function refusal(text) {
    return new ProxyError('guard', text, { source: 'downstream' });
}
//# sourceMappingURL=guard.js.map