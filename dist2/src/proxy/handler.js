import { ProxyError } from '../errors.js';
import { connect, enclosureOf } from './connect.js';
import { guard } from './guard.js';
import { findRoute, hostOf, readTarget, tellRoutes } from './router.js';
import { Task } from './task.js';
/**
 * A request's life: guard, route, forward; and what it came to is logged once, when the response is over.
 *
 * @param handOver the client's connection, if the request asks to have it: by an upgrade, or by CONNECT
 */
export function serve(request, response, site, handOver) {
    const task = new Task(request, response, handOver);
    response.on('close', () => finish(task, site.logger));
    try {
        if (request.method === 'CONNECT') {
            connect(task, site);
            return;
        }
        const destination = destinationOf(request);
        guard(request, site.guard, destination.authority);
        const { route, target } = routeTo(destination, site);
        task.authority = destination.authority;
        task.route = route;
        task.target = target;
        route.forward(task);
    }
    catch (error) {
        task.fail(error);
    }
}
/** The response is over, or the client has left before it was. */
function finish(task, logger) {
    try {
        if (!task.response.writableFinished)
            task.worker?.abandon();
    }
    catch (error) {
        task.breakOff(error);
    }
    if (task.fault === undefined)
        logger.info(task.summary(), 'request');
    else
        logger.error({ ...task.summary(), err: task.fault }, 'request');
}
function destinationOf(request) {
    const field = request.headers.host;
    // RFC 9112 section 3.2.
    if (field === undefined && request.httpVersionMinor === 1) {
        throw refusal('bad-request', 'the request is HTTP/1.1 and has no Host field; send one');
    }
    const destination = readTarget(request.url, field ?? '');
    if (destination === undefined) {
        throw refusal('bad-request', 'the request target is neither a path nor an http:// URL');
    }
    const tunnel = enclosureOf(request.socket)?.authority;
    if (tunnel === undefined)
        return destination;
    const host = hostOf(tunnel);
    if (destination.host === host || destination.host === '')
        return { ...destination, host, authority: tunnel };
    throw refusal('guard', `the request came by CONNECT ${tunnel}, and names the host ${JSON.stringify(destination.host)}`);
}
function routeTo(destination, site) {
    const found = findRoute(site.routes, { ...destination, listener: site.listener });
    if (found !== undefined)
        return found;
    throw refusal('no-route', `no route takes this host and path; there are: ${tellRoutes(site.routes)}`);
}
function refusal(cause, text) {
    return new ProxyError(cause, text, { source: 'downstream' });
}
//# sourceMappingURL=handler.js.map