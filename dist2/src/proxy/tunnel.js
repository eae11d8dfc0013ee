import { ProxyError } from '../errors.js';
import { fence } from '../upstream/fence.js';
import { responseFields, responseHead } from './headers.js';
/**
 * What two connections are after a 101: bytes both ways, with back-pressure, each side's end passed on by itself (a FIN by
 * close_notify and FIN, and the reverse) and each side's reset by a reset. It ends when both sides have ended, one is lost,
 * or nothing has moved either way for `timeouts.idle`.
 */
export class Tunnel {
    #task;
    #client;
    #connection;
    #idle;
    #timer;
    #clientEnded = false;
    #upstreamEnded = false;
    #over = false;
    /** @param idle milliseconds without a byte after which it ends */
    constructor(task, connection, idle) {
        this.#task = task;
        this.#client = task.handOver.socket;
        this.#connection = connection;
        this.#idle = idle;
    }
    /**
     * Takes both connections and tells the client.
     *
     * @param head the 101
     * @param early what the upstream sent behind it
     */
    open(head, early) {
        const task = this.#task;
        const client = this.#client;
        const { secure } = this.#connection;
        task.worker = this;
        task.switched = head.status;
        this.#connection.pass(this);
        secure.keepHalfOpen();
        this.#timer = setTimeout(expire, this.#idle, this);
        const behind = task.handOver.take();
        client.write(responseHead(head.status, head.reason, responseFields(head, false)), 'latin1');
        client.on('data', (bytes) => fence(this, this.#sent, bytes));
        client.on('end', () => fence(this, this.#clientEnd, undefined));
        client.on('drain', () => fence(this, this.#clientDrained, undefined));
        client.resume();
        if (behind.length > 0)
            this.#sent(behind);
        if (early.length > 0)
            this.received(early);
    }
    // The upstream's side.
    received(bytes) {
        this.#task.bytesOut += bytes.length;
        this.#timer?.refresh();
        if (!this.#client.write(bytes))
            this.#connection.secure.socket.pause();
    }
    drained() {
        this.#client.resume();
    }
    ended() {
        this.#upstreamEnded = true;
        this.#timer?.refresh();
        this.#client.end();
    }
    closed(error) {
        const whole = this.#clientEnded && this.#upstreamEnded;
        if (this.#over || whole) {
            clearTimeout(this.#timer);
            return;
        }
        this.failed(new ProxyError('bad-response', 'the upstream broke the tunnel off', {
            ...(error === undefined ? {} : { cause: error }),
        }));
    }
    // The client's side.
    #sent(bytes) {
        this.#task.bytesIn += bytes.length;
        this.#timer?.refresh();
        if (!this.#connection.secure.socket.write(bytes))
            this.#client.pause();
    }
    #clientDrained() {
        this.#connection.secure.socket.resume();
    }
    #clientEnd() {
        this.#clientEnded = true;
        this.#timer?.refresh();
        this.#connection.secure.socket.end();
    }
    /** The client's connection is closed. What has been written to the upstream by then may still leave. */
    abandon() {
        if (this.#clientEnded && this.#upstreamEnded)
            this.#task.closed = !this.#over;
        else
            this.#end();
    }
    // What ends it before its time.
    /** Nothing has moved. */
    expire() {
        this.failed(new ProxyError('timeout', 'nothing moved in the tunnel for the time of `timeouts.idle`'));
    }
    failed(error) {
        if (this.#over)
            return;
        const task = this.#task;
        if (error instanceof ProxyError) {
            task.cause = error.code;
            task.detail = error.message;
        }
        else {
            task.cause = 'internal';
            task.fault = error;
        }
        try {
            this.#end();
        }
        catch (fault) {
            task.breakOff(fault);
        }
        // Not by a FIN, which would say that this is all.
        this.#client.resetAndDestroy();
    }
    #end() {
        this.#over = true;
        clearTimeout(this.#timer);
        this.#connection.vacate();
        this.#connection.destroy();
    }
}
function expire(tunnel) {
    fence(tunnel, tunnel.expire, undefined);
}
//# sourceMappingURL=tunnel.js.map