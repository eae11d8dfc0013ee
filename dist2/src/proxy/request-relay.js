import { expectsContinue, noteContinued } from './expectation.js';
import { requestFields, requestHead } from './headers.js';
import { mayReplay } from './replay.js';
import { framingOf, RequestBody } from './request-body.js';
import { upgradeFields } from './upgrade.js';
/** The request on its way to the upstream: its head, and its body as soon as somebody wants it; once more if need be. */
export class RequestRelay {
    /** Something of it has been written to some connection. */
    begun = false;
    /** All of it has been written to the present connection. */
    complete = false;
    /** The head is written, and the body waits for the upstream's 100. */
    waiting = false;
    /** Whether the method and the route allow to send it twice. */
    replayable;
    #task;
    #user;
    #head;
    #body;
    /** The client sends its body only when it is told to, and has not been told yet. */
    #expects;
    /** @throws ProxyError `bad-request` if the request's framing or what it expects cannot be passed on */
    constructor(task, { settings }, user) {
        this.#task = task;
        this.#user = user;
        const { request } = task;
        const method = request.method;
        const upgrade = task.handOver !== undefined;
        const expects = expectsContinue(request);
        const fields = requestFields(upgrade ? upgradeFields(request.rawHeaders) : request.rawHeaders, {
            authority: settings.upstream.authority,
            host: settings.host,
            targetAuthority: task.authority,
            clientAddress: request.socket.remoteAddress,
            version: request.httpVersionMinor === 0 ? 0 : 1,
            upgrade,
            expect: expects,
        });
        this.#head = requestHead(method, task.target, fields);
        const framing = framingOf(fields);
        this.#body = framing && new RequestBody(request, framing, this);
        this.#expects = expects && framing !== undefined;
        if (expects && !this.#expects)
            noteContinued(task.response);
        this.replayable = mayReplay(settings.replay, method);
    }
    /** Whether it can be sent from its beginning. */
    get whole() {
        return this.#body === undefined || this.#body.whole;
    }
    /** Sends it over a connection, or its head only if the client waits for a 100. */
    send(connection) {
        this.begun = true;
        connection.secure.socket.write(this.#head, 'latin1');
        if (this.#body === undefined) {
            this.bodySent();
        }
        else if (this.#expects) {
            this.waiting = true;
            this.#user.held();
        }
        else {
            this.#sendBody(this.#body, connection);
        }
    }
    /** The client has been told to go on, by the upstream's 100 or by ours, once and for all connections. */
    proceed(connection) {
        this.waiting = false;
        this.#expects = false;
        noteContinued(this.#task.response);
        this.#sendBody(this.#body, connection);
    }
    /** Holds the client back until it is sent over another connection. */
    pause() {
        this.waiting = false;
        this.complete = false;
        this.#body?.pause();
    }
    /** The connection takes more again. */
    drained() {
        this.#body?.drained();
    }
    /** Nobody wants what is left of it. */
    drop() {
        this.#body?.drop();
    }
    bodyMoved(bytes) {
        this.#task.bytesIn += bytes;
        this.#user.moved();
    }
    bodySent() {
        this.complete = true;
        this.#user.sent();
    }
    failed(error) {
        this.#user.failed(error);
    }
    #sendBody(body, connection) {
        this.#user.sending();
        body.send(connection.secure.socket, this.replayable && connection.reused);
    }
}
//# sourceMappingURL=request-relay.js.map