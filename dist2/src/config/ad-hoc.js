import { parseUpstream } from './addresses.js';
import { settle } from './settings.js';
/**
 * The settings of a route to an upstream of which nothing is configured: default trust, no client certificate.
 *
 * @param url `https://host[:port]`
 * @throws {Mismatch}
 */
export function routeTo(url) {
    const route = { name: 'url', match: { path: '/' }, upstream: parseUpstream(url) };
    const scope = { folder: '/', env: {}, files: new Set(), written: () => undefined, problem: () => undefined };
    // One complete route in, one out.
    return settle({ routes: [route] }, scope).routes[0];
}
//# sourceMappingURL=ad-hoc.js.map