/** `host:port`, as logs, problem documents and commands name an upstream. */
export function nameOf({ upstream: { hostname, port } }) {
    return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}
/** Whom a route expects at its upstream. */
export function identityOf({ tls, upstream }) {
    return { name: tls.servername ?? upstream.hostname, verifyHostname: tls.verifyHostname, pins: tls.pins };
}
/** What a route's ladder needs to know. */
export function ladderSettings(route, { offers, contexts }) {
    const { upstream, tls, timeouts } = route;
    const { hostname, port } = upstream;
    const { remember, resume, downgrade } = tls;
    return { hostname, port, identity: identityOf(route), offers, contexts, timeouts, remember, resume, downgrade };
}
//# sourceMappingURL=ladder-settings.js.map