import { ProxyError } from '../errors.js';
import { respond } from './respond.js';
/** One request on its way, and what is to be logged of it in the end. */
export class Task {
    request;
    response;
    /** The client's connection, if the request asks to have it for something else than HTTP. */
    handOver;
    started = performance.now();
    route;
    /** Target for the upstream: path and query. */
    target = '';
    /** Authority of an absolute-form target, or of the tunnel that the request came through. */
    authority;
    cause;
    /** One sentence on the cause, for those that no problem document can tell. */
    detail;
    /** An exception of this program's own that ended the request. */
    fault;
    /** Body bytes that came from the client. */
    bytesIn = 0;
    /** Body bytes that went to the client. */
    bytesOut = 0;
    reused = false;
    replayed = false;
    protocol;
    cipher;
    /** Handshake attempts made for the connection used, or for the failure. */
    attempts = 0;
    /** Who works on it, and is told when the client goes away before the response is complete. */
    worker;
    /** The status with which the connection became a tunnel: 101, or 200 to CONNECT. */
    switched;
    /** The tunnel was closed by both sides, properly. */
    closed = false;
    constructor(request, response, handOver) {
        this.request = request;
        this.response = response;
        this.handOver = handOver;
    }
    /** Ends it by a failure: notes the cause and answers with it, as far as something can still be answered. Never throws. */
    fail(error) {
        const failure = asProxyError(error);
        this.cause = failure.code;
        if (failure.code === 'internal')
            this.fault = failure.cause;
        if (failure.attempts.length > 0)
            this.attempts = failure.attempts.length;
        try {
            const about = { route: this.route?.settings.name, upstream: this.route?.upstream.name };
            this.bytesOut += respond(this.response, failure, about);
        }
        catch (fault) {
            this.breakOff(fault);
        }
    }
    /** Ends it by an exception of our own after which nothing can be answered any more. */
    breakOff(fault) {
        this.cause = 'internal';
        this.fault = fault;
        if (!this.response.writableEnded)
            this.response.destroy();
        this.handOver?.socket.destroy();
    }
    /** The fields of the `request` log line. Neither query nor fields are in it: they may hold secrets. */
    summary() {
        const { request, response } = this;
        const url = request.url;
        const query = url.indexOf('?');
        return {
            route: this.route?.settings.name,
            method: request.method,
            path: query === -1 ? url : url.slice(0, query),
            status: this.switched ?? (response.headersSent ? response.statusCode : 0),
            ms: Math.round(performance.now() - this.started),
            bytesIn: this.bytesIn,
            bytesOut: this.bytesOut,
            reused: this.reused,
            protocol: this.protocol,
            cipher: this.cipher,
            attempts: this.attempts,
            replayed: this.replayed,
            cause: this.cause,
            detail: this.detail,
            aborted: response.writableFinished || this.closed ? undefined : true,
        };
    }
}
function asProxyError(error) {
    if (error instanceof ProxyError)
        return error;
    return new ProxyError('internal', 'the proxy failed on this request; see its log', {
        source: 'internal',
        cause: error,
    });
}
//# sourceMappingURL=task.js.map