import { fence } from './fence.js';
/**
 * A verified connection that carries one request after another. Its listeners are put on once; they speak to its
 * present user. Without a user nothing may come: bytes that nobody asked for, an end or an error retire it.
 */
export class Connection {
    secure;
    /** Requests begun on it. */
    requests = 0;
    /** Clock reading (ms) after which it must not be used again; set while idle. */
    idleUntil = 0;
    #user;
    #gone = false;
    #onGone;
    /** Takes a connection over; `onGone` is told once, as soon as it can carry no further request. */
    constructor(secure, onGone) {
        this.secure = secure;
        this.#onGone = onGone;
        const { socket } = secure;
        socket.on('data', (bytes) => {
            secure.confirm();
            if (this.#user !== undefined)
                fence(this.#user, this.#user.received, bytes);
            else
                this.destroy();
        });
        socket.on('end', () => {
            if (this.#user !== undefined)
                fence(this.#user, this.#user.ended, undefined);
            else
                this.destroy();
        });
        socket.on('drain', () => {
            if (this.#user !== undefined)
                fence(this.#user, this.#user.drained, undefined);
        });
        socket.on('close', () => {
            this.#leave();
            const user = this.#user;
            this.#user = undefined;
            if (user !== undefined)
                fence(user, user.closed, secure.lastError);
        });
    }
    /** False once it can carry no further request. */
    get usable() {
        return !this.#gone;
    }
    /** Whether an earlier request went over it. */
    get reused() {
        return this.requests > 1;
    }
    /** Begins a request on it. */
    occupy(user) {
        this.requests += 1;
        this.#user = user;
    }
    /** The present user leaves it to another for good: it never goes back to the pool. */
    pass(user) {
        this.#user = user;
    }
    /** The present user is done with it and hears no more of it. */
    vacate() {
        this.#user = undefined;
    }
    /** Closes it at once; a present user is told. */
    destroy() {
        this.#leave();
        this.secure.socket.destroy();
    }
    #leave() {
        if (this.#gone)
            return;
        this.#gone = true;
        this.#onGone(this);
    }
}
//# sourceMappingURL=connection.js.map