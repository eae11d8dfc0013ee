import { ProxyError } from '../errors.js';
import { fence } from '../upstream/fence.js';
import { patience } from './expectation.js';
import { relayInterim, tellToContinue } from './interim.js';
import { lossOf, refusalOf } from './loss.js';
import { RequestRelay } from './request-relay.js';
import { ResponseReader } from './response-reader.js';
import { ResponseRelay } from './response-relay.js';
import { Tunnel } from './tunnel.js';
/**
 * One request over one connection, streamed both ways with back-pressure, and its response read back; once more over a
 * fresh connection where the first was stale and the request may be replayed.
 *
 * It waits for a connection (Waiter), uses it (ConnectionUser), has the request sent (SendingUser) and the response passed on
 * (RelayUser).
 */
export class Exchange {
    /** Set for a replay: a second connection from the pool might be as stale as the first. */
    fresh = false;
    #task;
    #route;
    #request;
    #response;
    #reader;
    #connection;
    #over = false;
    /** The response's time-out has given way to the one for a body that stands still. */
    #idling = false;
    /** The head of a 101, until the rest of what came with it is known. */
    #switch;
    #timer;
    /** @throws ProxyError `bad-request` if the request's framing or what it expects cannot be passed on */
    constructor(task, route) {
        this.#task = task;
        this.#route = route;
        this.#request = new RequestRelay(task, route, this);
        this.#response = new ResponseRelay(task, this);
        this.#reader = new ResponseReader(this.#response);
    }
    /** Begins: queues for a connection. */
    begin() {
        this.#task.worker = this;
        this.#route.upstream.pool.acquire(this);
    }
    // A connection, or none.
    ready(connection) {
        this.#connection = connection;
        connection.occupy(this);
        const { secure } = connection;
        this.#task.protocol = secure.negotiated.protocol;
        this.#task.cipher = secure.negotiated.cipher;
        this.#task.attempts = secure.attempts.length;
        this.#task.reused = connection.reused;
        const { consent } = secure;
        if (consent === 'confirmed' || (consent === 'pending' && this.#request.replayable))
            this.#send(connection);
        else
            secure.whenDecided(() => fence(this, this.#decided, connection));
    }
    /** A request that must not be sent twice waits until a refusal of our certificate can no longer cost it. */
    #decided(connection) {
        if (this.#over || this.#connection !== connection)
            return;
        const { refusal } = connection.secure;
        if (refusal === undefined)
            this.#send(connection);
        else
            this.failed(refusalOf(refusal, { secure: connection.secure, upstream: this.#route.settings.upstream }));
    }
    // The request.
    #send(connection) {
        this.#reader.start(this.#task.request.method, this.#task.handOver !== undefined);
        this.#request.send(connection);
    }
    held() {
        this.#await(patience);
    }
    sending() {
        this.#await(this.#route.settings.timeouts.idle);
    }
    sent() {
        if (!this.#task.response.headersSent)
            this.#await(this.#route.settings.timeouts.response);
    }
    drained() {
        this.#timer?.refresh();
        this.#request.drained();
    }
    // The response.
    received(bytes) {
        const connection = this.#connection;
        const used = this.#reader.read(bytes);
        if (this.#response.ended) {
            this.#release(connection, used === bytes.length);
            return;
        }
        if (this.#switch !== undefined) {
            this.#becomeTunnel(connection, this.#switch, bytes.subarray(used));
            return;
        }
        this.#response.flush();
        if (this.#idling || !this.#task.response.headersSent)
            return;
        this.#idling = true;
        this.#await(this.#route.settings.timeouts.idle);
    }
    informed(head) {
        this.#timer?.refresh();
        if (head.status !== 100) {
            relayInterim(this.#task, head);
        }
        else if (this.#request.waiting) {
            relayInterim(this.#task, head);
            this.#request.proceed(this.#connection);
        }
    }
    switched(head) {
        this.#switch = head;
    }
    /** Whatever the upstream says before its 100, it does not want the body. */
    answered() {
        this.#request.waiting = false;
    }
    moved() {
        this.#timer?.refresh();
    }
    hold() {
        this.#connection?.secure.socket.pause();
    }
    proceed() {
        this.#timer?.refresh();
        this.#connection?.secure.socket.resume();
    }
    ended() {
        const connection = this.#connection;
        if (this.#reader.close() && this.#response.ended)
            this.#release(connection, false);
        else
            connection.destroy();
    }
    /** The connection goes back, if both messages are complete and nothing came behind the response. */
    #release(connection, clean) {
        clearTimeout(this.#timer);
        this.#over = true;
        this.#connection = undefined;
        if (connection.secure.socket.isPaused())
            connection.secure.socket.resume();
        if (clean && this.#response.keepAlive && this.#request.complete) {
            this.#route.upstream.pool.release(connection, this.#response.idleHint);
            return;
        }
        connection.vacate();
        connection.destroy();
        this.#request.drop();
    }
    /** HTTP is over on both connections, and neither ever comes back. */
    #becomeTunnel(connection, head, early) {
        clearTimeout(this.#timer);
        this.#over = true;
        this.#connection = undefined;
        new Tunnel(this.#task, connection, this.#route.settings.timeouts.idle).open(head, early);
    }
    // What goes wrong.
    closed(error) {
        const connection = this.#connection;
        this.#connection = undefined;
        const loss = lossOf({
            secure: connection.secure,
            upstream: this.#route.settings.upstream,
            name: this.#name,
            reused: connection.reused,
            answered: this.#task.response.headersSent,
            bytesSeen: this.#reader.bytesSeen,
            error,
        });
        const silent = loss.code === 'stale-connection' || loss.code === 'server-fault';
        if (silent && !this.#request.begun && !this.fresh) {
            this.#again();
        }
        else if (loss.code === 'stale-connection' && this.#mayReplay()) {
            this.#task.replayed = true;
            this.#again();
        }
        else {
            this.failed(loss);
        }
    }
    #mayReplay() {
        return this.#request.replayable && !this.#task.replayed && this.#request.whole;
    }
    /** Once more, over a connection that carried no request before. */
    #again() {
        clearTimeout(this.#timer);
        this.#request.pause();
        this.#reader = new ResponseReader(this.#response);
        this.fresh = true;
        this.#route.upstream.pool.acquire(this);
    }
    /** One timer for the whole exchange: what is awaited next replaces what was awaited before. */
    #await(ms) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(expire, ms, this);
    }
    /** The awaited did not come in time. */
    expire() {
        if (this.#request.waiting) {
            // Servers of HTTP/1.0, and many others, never send a 100: a client that insists on one would wait for ever.
            tellToContinue(this.#task);
            this.#request.proceed(this.#connection);
            return;
        }
        const key = this.#request.complete && !this.#task.response.headersSent ? 'response' : 'idle';
        const text = `${this.#name} sent nothing for the time of \`timeouts.${key}\``;
        this.failed(new ProxyError('timeout', text, { error: 'http_response_timeout' }));
    }
    failed(error) {
        if (this.#over) {
            if (!(error instanceof ProxyError))
                this.#task.breakOff(error);
            return;
        }
        try {
            this.#letGo();
            this.#task.fail(error);
            this.#request.drop();
        }
        catch (fault) {
            this.#task.breakOff(fault);
        }
    }
    /** The client has left: nothing more is done on its behalf. */
    abandon() {
        if (!this.#over)
            this.#letGo();
    }
    #letGo() {
        this.#over = true;
        clearTimeout(this.#timer);
        const connection = this.#connection;
        this.#connection = undefined;
        if (connection === undefined) {
            this.#route.upstream.pool.cancel(this);
            return;
        }
        connection.vacate();
        connection.destroy();
    }
    get #name() {
        return this.#route.upstream.name;
    }
}
function expire(exchange) {
    fence(exchange, exchange.expire, undefined);
}
//# sourceMappingURL=exchange.js.map