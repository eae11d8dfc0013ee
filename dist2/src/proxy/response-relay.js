import { fence } from '../upstream/fence.js';
import { responseFields, trailerFields } from './headers.js';
/** The response on its way to the client, as it is read, with back-pressure. */
export class ResponseRelay {
    /** All of it has been read. */
    ended = false;
    /** Whether the upstream's connection may carry another request, as the head says. */
    keepAlive = false;
    /** Seconds for which the upstream said it keeps the connection. */
    idleHint;
    #task;
    #user;
    /** The head is written but may still wait for the first bytes of the body. */
    #headHeld = false;
    #clientFull = false;
    constructor(task, user) {
        this.#task = task;
        this.#user = user;
    }
    informational(head) {
        this.#user.informed(head);
    }
    head(head) {
        if (head.status === 101) {
            this.#user.switched(head);
            return;
        }
        const { response, request } = this.#task;
        const chunked = (head.framing === 'chunked' || head.framing === 'close') && request.httpVersionMinor === 1;
        this.keepAlive = head.keepAlive;
        this.idleHint = head.keepAliveTimeout;
        response.writeHead(head.status, head.reason, responseFields(head, chunked));
        this.#headHeld = true;
        this.#user.answered();
    }
    body(chunk) {
        this.#user.moved();
        this.#task.bytesOut += chunk.length;
        this.#headHeld = false;
        const { response } = this.#task;
        if (response.write(chunk) || this.#clientFull)
            return;
        this.#clientFull = true;
        this.#user.hold();
        response.once('drain', () => {
            this.#clientFull = false;
            fence(this.#user, this.#user.proceed, undefined);
        });
    }
    end(trailers) {
        const { response } = this.#task;
        this.ended = true;
        const kept = trailerFields(trailers);
        if (kept.length > 0)
            response.addTrailers(pairs(kept));
        response.end();
    }
    /** All that came at once is passed on: without a body behind it a head has to leave by itself, somebody may be waiting for events. */
    flush() {
        if (this.#headHeld)
            this.#task.response.flushHeaders();
        this.#headHeld = false;
    }
}
function pairs(flat) {
    const list = [];
    for (let i = 0; i < flat.length; i += 2)
        list.push([flat[i], flat[i + 1]]);
    return list;
}
//# sourceMappingURL=response-relay.js.map