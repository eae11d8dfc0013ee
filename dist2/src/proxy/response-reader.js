import { ProxyError } from '../errors.js';
import { ChunkedBody } from './chunked.js';
import { FieldSection, malformed } from './field-section.js';
import { expectStatusLine, parseHead } from './response-head.js';
const HEAD_LIMIT = 64 * 1024;
const INFORMATIONAL_LIMIT = 16;
const noTrailers = [];
/**
 * Reads the responses of one upstream connection, one after the other, cut anywhere. Strict: RFC 9112 section 6.3 and
 * nothing lenient; whatever two readers could take in two ways is refused.
 */
export class ResponseReader {
    #sink;
    #section;
    #chunked;
    #asked = { head: false, connect: false, upgrade: false };
    #state = 'idle';
    #turn = 0;
    #informational = 0;
    #bytesSeen = 0;
    #framing = 'none';
    #left = 0;
    /** @param limits `head`: bytes that a head, and likewise a trailer section, may have; default 64 KiB */
    constructor(sink, limits = {}) {
        const limit = limits.head ?? HEAD_LIMIT;
        this.#sink = sink;
        this.#section = new FieldSection(limit);
        this.#chunked = new ChunkedBody(limit);
    }
    get state() {
        return this.#state;
    }
    /** Bytes given to `read` since `start`, what may have come behind the response included; 0: the upstream said nothing. */
    get bytesSeen() {
        return this.#bytesSeen;
    }
    /**
     * A request is being written: the next byte begins its response.
     * @param method as sent; HEAD and CONNECT have responses of their own
     * @param upgrade whether the request has an Upgrade field; otherwise a 101 is refused
     * @throws ProxyError `internal` if the response before was not read to its end
     */
    start(method, upgrade = false) {
        if (this.#state !== 'idle') {
            throw new ProxyError('internal', 'A request was sent on a connection whose last response has not ended.', {
                source: 'internal',
            });
        }
        this.#asked.head = method === 'HEAD';
        this.#asked.connect = method === 'CONNECT';
        this.#asked.upgrade = upgrade;
        this.#state = 'head';
        this.#turn++;
        this.#informational = 0;
        this.#bytesSeen = 0;
    }
    /**
     * Reads what the upstream sent.
     * @returns how many bytes were of the response: less than given only if it ended or became a tunnel. What is behind a
     *   response is pollution: nobody asked for it, and the connection must not be used again. `idle`, `tunnel` and
     *   `broken` take nothing.
     * @throws ProxyError `bad-response`; the reader is `broken` then
     */
    read(bytes) {
        if (this.#state !== 'head' && this.#state !== 'body')
            return 0;
        this.#bytesSeen += bytes.length;
        // A sink's `end` may call `start`; what is left of these bytes came before that and is not the next response.
        const turn = this.#turn;
        let at = 0;
        try {
            while (at < bytes.length && turn === this.#turn) {
                if (this.#state === 'head')
                    at = this.#readHead(bytes, at);
                else if (this.#state === 'body')
                    at = this.#readBody(bytes, at);
                else
                    break;
            }
        }
        catch (error) {
            this.#state = 'broken';
            throw error;
        }
        return at;
    }
    /**
     * The upstream closed its side.
     * @returns true if no response was cut short by it: it ended a close-delimited one (`end` was called), or none was open
     */
    close() {
        if (this.#state === 'body' && this.#framing === 'close')
            this.#end(noTrailers);
        else if (this.#state !== 'idle' && this.#state !== 'tunnel') {
            this.#state = 'broken';
            return false;
        }
        return true;
    }
    #readHead(bytes, at) {
        const before = this.#section.content.length;
        const next = this.#section.take(bytes, at);
        if (next === -1) {
            // Another protocol may never send an empty line: say so now instead of waiting for one.
            if (before < 7)
                expectStatusLine(this.#section.content);
            return bytes.length;
        }
        const head = parseHead(this.#section.finish(), this.#asked);
        if (head.status < 200 && head.status !== 101) {
            if (++this.#informational > INFORMATIONAL_LIMIT)
                throw malformed('it is preceded by too many 1xx responses');
            this.#sink.informational(head);
        }
        else if (head.status === 101 || (this.#asked.connect && head.status < 300)) {
            this.#state = 'tunnel';
            this.#sink.head(head);
        }
        else {
            this.#startBody(head);
        }
        return next;
    }
    #startBody(head) {
        this.#state = 'body';
        this.#framing = head.framing;
        this.#left = head.length;
        if (head.framing === 'chunked')
            this.#chunked.start();
        this.#sink.head(head);
        if (head.framing === 'none' || (head.framing === 'length' && head.length === 0))
            this.#end(noTrailers);
    }
    #readBody(bytes, at) {
        if (this.#framing === 'chunked') {
            const next = this.#chunked.read(bytes, at, this.#sink);
            if (this.#chunked.ended)
                this.#end(this.#chunked.trailers);
            return next;
        }
        const next = this.#framing === 'close' ? bytes.length : Math.min(bytes.length, at + this.#left);
        this.#left -= next - at;
        const ended = this.#framing === 'length' && this.#left === 0;
        this.#sink.body(at === 0 && next === bytes.length ? bytes : bytes.subarray(at, next));
        if (ended)
            this.#end(noTrailers);
        return next;
    }
    #end(trailers) {
        this.#state = 'idle';
        this.#sink.end(trailers);
    }
}
//# sourceMappingURL=response-reader.js.map