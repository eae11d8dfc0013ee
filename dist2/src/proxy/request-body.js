import { fence } from '../upstream/fence.js';
import { trailerFields } from './headers.js';
/** The most of a request's body that is held so that it could be sent again, in bytes. */
const heldBody = 64 * 1024;
/**
 * A request's body on its way to the upstream, chunk by chunk as it comes, in the framing it came in, with back-pressure.
 * The client is not read before the first {@link RequestBody.send}. The beginning can be held, to be sent once more.
 */
export class RequestBody {
    #request;
    #framing;
    #user;
    #target;
    #listening = false;
    #taken = 0;
    /** What has been sent, as long as it could be sent again; undefined once it cannot. */
    #held;
    constructor(request, framing, user) {
        this.#request = request;
        this.#framing = framing;
        this.#user = user;
    }
    /** Whether it can be sent from its beginning. */
    get whole() {
        return this.#taken === 0 || this.#held !== undefined;
    }
    /**
     * Sends it: what is held first, then what comes.
     *
     * @param hold whether to keep what is sent, up to 64 KiB, for another time
     */
    send(target, hold) {
        this.#target = target;
        for (const chunk of this.#held ?? [])
            this.#write(target, chunk);
        if (hold && this.#taken === 0)
            this.#held = [];
        if (!this.#listening) {
            this.#listening = true;
            this.#request.on('data', (chunk) => fence(this, this.#taking, chunk));
            this.#request.on('end', () => fence(this, this.#ending, undefined));
        }
        // A listener alone makes nothing flow that was paused before.
        if (this.#request.readableEnded)
            this.#ending();
        else
            this.#request.resume();
    }
    /** The target takes more again. */
    drained() {
        if (this.#target !== undefined)
            this.#request.resume();
    }
    /** Holds the client back until it is sent somewhere else. */
    pause() {
        this.#target = undefined;
        this.#request.pause();
    }
    /** The rest is read and dropped: nobody wants it, and the client could not read its answer otherwise. */
    drop() {
        this.#target = undefined;
        this.#held = undefined;
        if (this.#listening)
            this.#request.resume();
    }
    failed(error) {
        this.#user.failed(error);
    }
    #taking(chunk) {
        const target = this.#target;
        if (target === undefined)
            return;
        this.#taken += chunk.length;
        if (this.#taken > heldBody)
            this.#held = undefined;
        else
            this.#held?.push(chunk);
        this.#user.bodyMoved(chunk.length);
        if (!this.#write(target, chunk))
            this.#request.pause();
    }
    #ending() {
        const target = this.#target;
        if (target === undefined)
            return;
        if (this.#framing === 'chunked') {
            let end = '0\r\n';
            const trailers = trailerFields(this.#request.rawTrailers);
            for (let i = 0; i < trailers.length; i += 2)
                end += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
            target.write(`${end}\r\n`, 'latin1');
        }
        this.#target = undefined;
        this.#user.bodySent();
    }
    /** False if the target would rather not take more for now. */
    #write(target, chunk) {
        if (this.#framing === 'length')
            return target.write(chunk);
        target.cork();
        target.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
        target.write(chunk);
        const more = target.write('\r\n', 'latin1');
        target.uncork();
        return more;
    }
}
/** How a request's body is framed, by its fields as they go to the upstream; undefined if it has none. */
export function framingOf(fields) {
    let framing;
    for (let i = 0; i < fields.length; i += 2) {
        const name = fields[i];
        if (name.length === 17 && name.toLowerCase() === 'transfer-encoding')
            return 'chunked';
        if (name.length === 14 && name.toLowerCase() === 'content-length' && fields[i + 1] !== '0')
            framing = 'length';
    }
    return framing;
}
//# sourceMappingURL=request-body.js.map