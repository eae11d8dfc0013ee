import { ProxyError } from '../errors.ts';
import { explain } from '../tls/explain.ts';
import { alertOf, judge, type Verdict } from '../tls/verdict.ts';
import type { Connection, ConnectionUser } from '../upstream/connection.ts';
import type { Waiter } from '../upstream/pool.ts';
import { requestFields, requestHead, responseFields, trailerFields } from './headers.ts';
import { heldBody, mayReplay } from './replay.ts';
import { respond } from './respond.ts';
import { type ResponseHead, ResponseReader, type ResponseSink } from './response-reader.ts';
import type { LiveRoute, Task } from './task.ts';

/**
 * One request over one connection, streamed both ways with back-pressure, and its response read back; once more over a
 * fresh connection where the first was stale and the request may be replayed.
 *
 * It waits for a connection (Waiter), uses it (ConnectionUser), and takes what the reader finds (ResponseSink).
 */
export class Exchange implements Waiter, ConnectionUser, ResponseSink {
  /** Set for a replay: a second connection from the pool might be as stale as the first. */
  fresh = false;

  readonly #task: Task;
  readonly #route: LiveRoute;
  readonly #head: string;
  readonly #body: 'none' | 'length' | 'chunked';
  #reader = new ResponseReader(this);
  /** Whether the method and the route allow to send the request twice. */
  readonly #replayable: boolean;

  #connection: Connection | undefined;
  #over = false;
  /** Something of the request has been written to some connection. */
  #begun = false;
  #requestSent = false;
  #responseEnded = false;
  /** The response's head is written but may still wait for the first bytes of the body. */
  #headHeld = false;
  #clientFull = false;
  /** The response's time-out has given way to the one for a body that stands still. */
  #idling = false;
  #keepAlive = false;
  #idleHint: number | undefined;
  #listening = false;
  /** What has been sent of the body, as long as it could be sent again; undefined once it cannot. */
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ProxyError `bad-request` if the request's framing cannot be passed on */
  constructor(task: Task, route: LiveRoute) {
    this.#task = task;
    this.#route = route;
    const { request } = task;
    const { settings } = route;
    const method = request.method as string;
    const version = request.httpVersionMinor === 0 ? 0 : 1;
    const fields = requestFields(request.rawHeaders, {
      authority: settings.upstream.authority,
      host: settings.host,
      targetAuthority: task.authority,
      clientAddress: request.socket.remoteAddress,
      version,
    });
    this.#head = requestHead(method, task.target, fields);
    this.#body = framingOf(fields);
    this.#replayable = mayReplay(settings.replay, method);
  }

  /** Begins: queues for a connection. */
  begin(): void {
    this.#task.worker = this;
    this.#route.upstream.pool.acquire(this);
  }

  // A connection, or none.

  ready(connection: Connection): void {
    this.#connection = connection;
    connection.occupy(this);
    const { secure } = connection;
    this.#task.protocol = secure.negotiated.protocol;
    this.#task.cipher = secure.negotiated.cipher;
    this.#task.attempts = secure.attempts.length;
    this.#task.reused = connection.reused;
    if (secure.consent === 'confirmed' || (secure.consent === 'pending' && this.#replayable)) this.#send(connection);
    else secure.whenDecided(() => this.#decided(connection));
  }

  failed(error: unknown): void {
    this.#fail(error);
  }

  /** A request that must not be sent twice waits until a refusal of our certificate can no longer cost it. */
  #decided(connection: Connection): void {
    if (this.#over || this.#connection !== connection) return;
    const { refusal } = connection.secure;
    if (refusal === undefined) this.#send(connection);
    else this.#fail(this.#refused(refusal, connection));
  }

  // The request.

  #send(connection: Connection): void {
    const { request } = this.#task;
    this.#begun = true;
    this.#reader.start(request.method as string);
    connection.secure.socket.write(this.#head, 'latin1');
    if (this.#body === 'none') {
      this.#requestSent = true;
      this.#await(this.#route.settings.timeouts.response);
      return;
    }
    this.#await(this.#route.settings.timeouts.idle);
    for (const chunk of this.#held ?? []) this.#writeBody(connection, chunk);
    if (this.#replayable && connection.reused && this.#heldBytes === 0) this.#held = [];
    if (this.#listening) {
      if (request.readableEnded) this.#bodyEnded();
      else request.resume();
      return;
    }
    this.#listening = true;
    request.on('data', (chunk: Buffer) => this.#bodyChunk(chunk));
    request.on('end', () => this.#bodyEnded());
  }

  #bodyChunk(chunk: Buffer): void {
    const connection = this.#connection;
    if (connection === undefined || this.#responseEnded) return;
    this.#task.bytesIn += chunk.length;
    this.#timer?.refresh();
    this.#hold(chunk);
    if (!this.#writeBody(connection, chunk)) this.#task.request.pause();
  }

  #bodyEnded(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#requestSent || this.#responseEnded) return;
    if (this.#body === 'chunked') {
      let end = '0\r\n';
      const trailers = trailerFields(this.#task.request.rawTrailers);
      for (let i = 0; i < trailers.length; i += 2) end += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
      connection.secure.socket.write(`${end}\r\n`, 'latin1');
    }
    this.#requestSent = true;
    if (this.#task.response.headersSent) return;
    this.#await(this.#route.settings.timeouts.response);
  }

  /** False if the connection would rather not take more for now. */
  #writeBody({ secure: { socket } }: Connection, chunk: Buffer): boolean {
    if (this.#body === 'length') return socket.write(chunk);
    socket.cork();
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    const more = socket.write('\r\n', 'latin1');
    socket.uncork();
    return more;
  }

  #hold(chunk: Buffer): void {
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > heldBody) this.#held = undefined;
    else this.#held?.push(chunk);
  }

  drained(): void {
    this.#timer?.refresh();
    if (this.#listening && !this.#requestSent) this.#task.request.resume();
  }

  // The response.

  received(bytes: Buffer): void {
    const connection = this.#connection as Connection;
    let used: number;
    try {
      used = this.#reader.read(bytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#responseEnded) {
      this.#release(connection, used === bytes.length);
      return;
    }
    // Without a body behind it the head has to leave by itself: somebody may be waiting for events.
    if (this.#headHeld) this.#task.response.flushHeaders();
    this.#headHeld = false;
    if (this.#idling || !this.#task.response.headersSent) return;
    this.#idling = true;
    this.#await(this.#route.settings.timeouts.idle);
  }

  informational(): void {}

  head(head: ResponseHead): void {
    const { response, request } = this.#task;
    const chunked = (head.framing === 'chunked' || head.framing === 'close') && request.httpVersionMinor === 1;
    this.#keepAlive = head.keepAlive;
    this.#idleHint = head.keepAliveTimeout;
    response.writeHead(head.status, head.reason, responseFields(head, chunked));
    this.#headHeld = true;
  }

  body(chunk: Buffer): void {
    this.#timer?.refresh();
    this.#task.bytesOut += chunk.length;
    this.#headHeld = false;
    const { response } = this.#task;
    if (response.write(chunk) || this.#clientFull) return;
    this.#clientFull = true;
    this.#connection?.secure.socket.pause();
    response.once('drain', () => {
      this.#clientFull = false;
      this.#timer?.refresh();
      this.#connection?.secure.socket.resume();
    });
  }

  end(trailers: readonly string[]): void {
    const { response } = this.#task;
    this.#responseEnded = true;
    const kept = trailerFields(trailers);
    if (kept.length > 0) response.addTrailers(pairs(kept));
    response.end();
  }

  ended(): void {
    const connection = this.#connection as Connection;
    if (this.#reader.close() && this.#responseEnded) this.#release(connection, false);
    else connection.destroy();
  }

  /** The connection goes back, if both messages are complete and nothing came behind the response. */
  #release(connection: Connection, clean: boolean): void {
    clearTimeout(this.#timer);
    this.#over = true;
    this.#connection = undefined;
    if (connection.secure.socket.isPaused()) connection.secure.socket.resume();
    if (clean && this.#keepAlive && this.#requestSent) {
      this.#route.upstream.pool.release(connection, this.#idleHint);
      return;
    }
    connection.vacate();
    connection.destroy();
    this.#dropBody();
  }

  // What goes wrong.

  closed(error: NodeJS.ErrnoException | undefined): void {
    const connection = this.#connection as Connection;
    this.#connection = undefined;
    const { secure } = connection;
    if (this.#task.response.headersSent) {
      this.#fail(new ProxyError('bad-response', `${this.#name} cut its response short`, { cause: error }));
    } else if (this.#reader.bytesSeen > 0) {
      const text = `${this.#name} closed the connection in the middle of a response's head`;
      this.#fail(new ProxyError('bad-response', text, { cause: error, error: 'http_response_incomplete' }));
    } else if (secure.refusal !== undefined) {
      this.#fail(this.#refused(secure.refusal, connection));
    } else if (alertOf(error) !== undefined) {
      this.#fail(this.#refused(judge({ stage: 'verified', error }), connection));
    } else if (!this.#begun && !this.fresh) {
      this.#again();
    } else if (!connection.reused) {
      const text = `${this.#name} dropped a fresh connection after it had the request, without a response: its fault, not TLS's; see its logs`;
      this.#fail(new ProxyError('server-fault', text, { attempts: secure.attempts, cause: error }));
    } else if (this.#replayable && !this.#task.replayed && (this.#heldBytes === 0 || this.#held !== undefined)) {
      this.#task.replayed = true;
      this.#again();
    } else {
      const text = `${this.#name} had dropped the kept-alive connection, and this request may have reached it; send it again if that does no harm, or set \`pool: { keepAlive: false }\` or \`replay: always\``;
      this.#fail(new ProxyError('stale-connection', text, { cause: error }));
    }
  }

  /** Once more, over a connection that carried no request before. */
  #again(): void {
    clearTimeout(this.#timer);
    this.#requestSent = false;
    this.#task.request.pause();
    this.#reader = new ResponseReader(this);
    this.fresh = true;
    this.#route.upstream.pool.acquire(this);
  }

  #refused(verdict: Verdict, { secure: { attempts } }: Connection): ProxyError {
    const { hostname, port } = this.#route.settings.upstream;
    const { alert, code, outcome } = verdict;
    const last = attempts.at(-1);
    // The handshake was complete for us; what came afterwards is how it really ended.
    const end = last && { ...last, outcome, code, ...(alert === undefined ? {} : { alert }) };
    return explain(verdict, end ? [...attempts.slice(0, -1), end] : attempts, { hostname, port });
  }

  /** One timer for the whole exchange: what is awaited next replaces what was awaited before. */
  #await(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(expire, ms, this);
  }

  /** The awaited did not come in time. */
  expire(): void {
    const key = this.#requestSent && !this.#task.response.headersSent ? 'response' : 'idle';
    const text = `${this.#name} sent nothing for the time of \`timeouts.${key}\``;
    this.#fail(new ProxyError('timeout', text, { error: 'http_response_timeout' }));
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#letGo();
    const failure =
      error instanceof ProxyError
        ? error
        : new ProxyError('internal', 'the proxy failed on this request; see its log', {
            source: 'internal',
            cause: error,
          });
    const task = this.#task;
    task.cause = failure.code;
    if (failure.code === 'internal') task.fault = failure.cause;
    if (failure.attempts.length > 0) task.attempts = failure.attempts.length;
    task.bytesOut += respond(task.response, failure, { route: this.#route.settings.name, upstream: this.#name });
    this.#dropBody();
  }

  /** The client has left: nothing more is done on its behalf. */
  abandon(): void {
    if (!this.#over) this.#letGo();
  }

  #letGo(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#held = undefined;
    if (connection === undefined) {
      this.#route.upstream.pool.cancel(this);
      return;
    }
    connection.vacate();
    connection.destroy();
  }

  /** The rest of a body that nobody wants is read and dropped, or the client could not read its answer. */
  #dropBody(): void {
    if (this.#listening && !this.#task.request.readableEnded) this.#task.request.resume();
  }

  get #name(): string {
    return this.#route.upstream.name;
  }
}

function expire(exchange: Exchange): void {
  exchange.expire();
}

function framingOf(fields: readonly string[]): 'none' | 'length' | 'chunked' {
  let framing: 'none' | 'length' | 'chunked' = 'none';
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return 'chunked';
    if (name.length === 14 && name.toLowerCase() === 'content-length' && fields[i + 1] !== '0') framing = 'length';
  }
  return framing;
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i] as string, flat[i + 1] as string]);
  return list;
}
