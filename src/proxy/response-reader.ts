import { clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import { ChunkedBody } from './chunked.ts';
import { FieldSection, malformed } from './field-section.ts';
import type { LastHead } from './last-head.ts';
import { type Asked, expectStatusLine, type Framing, parseHead, type ResponseHead } from './response-head.ts';

export type { ResponseHead } from './response-head.ts';

/** Takes what a {@link ResponseReader} reads, in the order of the methods below, synchronously inside `read` and `close`. */
export interface ResponseSink {
  /** A 1xx other than 101, before the head: 16 of them, and one more for each second since the first. */
  informational(head: ResponseHead): void;
  /** The final head; or that of a 101 or of a 2xx to CONNECT, behind which the connection is a tunnel and no `end` comes. */
  head(head: ResponseHead): void;
  /**
   * Never empty. A view of the bytes given to `read`, not a copy.
   * @param last `end` follows at once; it may follow without
   */
  body(chunk: Buffer, last: boolean): void;
  /**
   * The response is complete. Trailers are flat as in `ResponseHead.fields`, empty if there are none. Bytes behind the
   * response are known only once `read` has returned: do not put the connection to another use before that.
   */
  end(trailers: readonly string[]): void;
}

/**
 * `idle`: no response is expected; `head`, `body`: in a response; `tunnel`: bytes are no longer HTTP;
 * `broken`: malformed or cut short, the connection is of no further use.
 */
export type ReaderState = 'idle' | 'head' | 'body' | 'tunnel' | 'broken';

const HEAD_LIMIT = 64 * 1024;
const INFORMATIONAL_LIMIT = 16;
const noTrailers: readonly string[] = [];

/**
 * Reads the responses of one upstream connection, one after the other, cut anywhere. Strict: RFC 9112 section 6.3 and
 * nothing lenient; whatever two readers could take in two ways is refused.
 */
export class ResponseReader {
  readonly #sink: ResponseSink;
  readonly #section: FieldSection;
  readonly #limit: number;
  /** Made for the first body that is chunked. */
  #chunked: ChunkedBody | undefined;
  readonly #last: LastHead | undefined;
  readonly #asked: Asked = { head: false, connect: false, upgrade: false };
  #state: ReaderState = 'idle';
  #turn = 0;
  #informational = 0;
  /** When the first of them came, by `clock`. */
  #informedSince = 0;
  #bytesSeen = 0;
  #framing: Framing = 'none';
  #left = 0;

  /**
   * @param limits `head`: bytes that a head, and likewise a trailer section, may have; default 64 KiB
   * @param last of those that came from the same upstream by other readers; left out: each head is read
   */
  constructor(sink: ResponseSink, limits: { readonly head?: number } = {}, last?: LastHead) {
    const limit = limits.head ?? HEAD_LIMIT;
    this.#sink = sink;
    this.#last = last;
    this.#section = new FieldSection(limit);
    this.#limit = limit;
  }

  get state(): ReaderState {
    return this.#state;
  }

  /** Bytes given to `read` since `start`, what may have come behind the response included; 0: the upstream said nothing. */
  get bytesSeen(): number {
    return this.#bytesSeen;
  }

  /**
   * A request is being written: the next byte begins its response.
   * @param method as sent; HEAD and CONNECT have responses of their own
   * @param upgrade whether the request has an Upgrade field; otherwise a 101 is refused
   * @throws ProxyError `internal` if the response before was not read to its end
   */
  start(method: string, upgrade = false): void {
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
  read(bytes: Buffer): number {
    if (this.#state !== 'head' && this.#state !== 'body') return 0;
    this.#bytesSeen += bytes.length;
    // A sink's `end` may call `start`; what is left of these bytes came before that and is not the next response.
    const turn = this.#turn;
    let at = 0;
    try {
      while (at < bytes.length && turn === this.#turn) {
        if (this.#state === 'head') at = this.#readHead(bytes, at);
        else if (this.#state === 'body') at = this.#readBody(bytes, at);
        else break;
      }
    } catch (error) {
      this.#state = 'broken';
      throw error;
    }
    return at;
  }

  /**
   * The upstream closed its side.
   * @returns true if no response was cut short by it: it ended a close-delimited one (`end` was called), or none was open
   */
  close(): boolean {
    if (this.#state === 'body' && this.#framing === 'close') this.#end(noTrailers);
    else if (this.#state !== 'idle' && this.#state !== 'tunnel') {
      this.#state = 'broken';
      return false;
    }
    return true;
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#section.content.length;
    const last = before > 0 || this.#asked.head || this.#asked.connect ? undefined : this.#last;
    const known = last?.recall(bytes, at);
    if (last !== undefined && known !== undefined) {
      const end = at + last.length;
      this.#startBody(known);
      return end;
    }
    const next = this.#section.take(bytes, at);
    if (next === -1) {
      // Another protocol may never send an empty line: say so now instead of waiting for one.
      if (before < 7) expectStatusLine(this.#section.content);
      return bytes.length;
    }
    const head = parseHead(this.#section.finish(), this.#asked);
    if (head.status < 200 && head.status !== 101) {
      this.#count();
      this.#sink.informational(head);
    } else if (head.status === 101 || (this.#asked.connect && head.status < 300)) {
      this.#state = 'tunnel';
      this.#sink.head(head);
    } else {
      last?.remember(bytes, at, next, head);
      this.#startBody(head);
    }
    return next;
  }

  /** A server may say for as long as it works that it does (102), but 1xx without end are an attack. */
  #count(): void {
    const now = clock();
    if (this.#informational === 0) this.#informedSince = now;
    const allowed = INFORMATIONAL_LIMIT + (now - this.#informedSince) / 1000;
    if (++this.#informational > allowed) throw malformed('it is preceded by too many 1xx responses');
  }

  #startBody(head: ResponseHead): void {
    this.#state = 'body';
    this.#framing = head.framing;
    this.#left = head.length;
    if (head.framing === 'chunked') {
      this.#chunked ??= new ChunkedBody(this.#limit);
      this.#chunked.start();
    }
    this.#sink.head(head);
    if (head.framing === 'none' || (head.framing === 'length' && head.length === 0)) this.#end(noTrailers);
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#framing === 'chunked') {
      const chunked = this.#chunked as ChunkedBody;
      const next = chunked.read(bytes, at, this.#sink);
      if (chunked.ended) this.#end(chunked.trailers);
      return next;
    }
    const next = this.#framing === 'close' ? bytes.length : Math.min(bytes.length, at + this.#left);
    this.#left -= next - at;
    const ended = this.#framing === 'length' && this.#left === 0;
    this.#sink.body(at === 0 && next === bytes.length ? bytes : bytes.subarray(at, next), ended);
    if (ended) this.#end(noTrailers);
    return next;
  }

  #end(trailers: readonly string[]): void {
    this.#state = 'idle';
    this.#sink.end(trailers);
  }
}
