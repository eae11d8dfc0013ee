import { ProxyError } from '../errors.ts';
import type { Connection, ConnectionUser } from '../upstream/connection.ts';
import type { Waiter } from '../upstream/pool.ts';
import { admitLength, bodyTooLong } from './body-limit.ts';
import { unruled } from './field-rules.ts';
import { requestFields, requestHead, responseFields, trailerFields } from './headers.ts';
import { lossOf, refusalOf } from './loss.ts';
import { mayReplay } from './replay.ts';
import { type BodyUser, framingOf, RequestBody } from './request-body.ts';
import { respond } from './respond.ts';
import { type ResponseHead, ResponseReader, type ResponseSink } from './response-reader.ts';
import { rewriteRequest, rewriteResponse } from './rewrite.ts';
import { noConnectionFree, standstillOf } from './standstill.ts';
import type { LiveRoute, Task } from './task.ts';

/**
 * One request over one connection, streamed both ways with back-pressure, and its response read back; once more over a
 * fresh connection where the first was stale and the request may be replayed.
 *
 * It waits for a connection (Waiter), uses it (ConnectionUser), has the body sent (BodyUser), and takes what the reader finds (ResponseSink).
 */
export class Exchange implements Waiter, ConnectionUser, BodyUser, ResponseSink {
  /** Set for a replay: a second connection from the pool might be as stale as the first. */
  fresh = false;

  readonly #task: Task;
  readonly #route: LiveRoute;
  readonly #head: string;
  readonly #body: RequestBody | undefined;
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
  #timer: NodeJS.Timeout | undefined;

  /** @throws ProxyError `bad-request` if the request's framing cannot be passed on, or its body is too long */
  constructor(task: Task, route: LiveRoute) {
    this.#task = task;
    this.#route = route;
    const { request } = task;
    const { settings } = route;
    const method = request.method as string;
    const version = request.httpVersionMinor === 0 ? 0 : 1;
    const received = requestFields(request.rawHeaders, {
      authority: settings.upstream.authority,
      host: settings.host,
      targetAuthority: task.authority,
      clientAddress: request.socket.remoteAddress,
      version,
    });
    const fields = rewriteRequest(received, task, route);
    admitLength(fields, settings.limits.body);
    this.#head = requestHead(method, task.target, fields);
    const framing = framingOf(fields);
    this.#body = framing && new RequestBody(request, framing, this, settings.headers.request);
    this.#replayable = mayReplay(settings.replay, method);
  }

  /** Begins: queues for a connection. */
  begin(): void {
    this.#task.worker = this;
    this.#queue();
  }

  #queue(): void {
    const { pool } = this.#route.upstream;
    pool.acquire(this);
    if (pool.isFull) this.#await(this.#route.settings.timeouts.response);
  }

  // A connection, or none.

  ready(connection: Connection): void {
    clearTimeout(this.#timer);
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
    else this.#fail(refusalOf(refusal, { secure: connection.secure, upstream: this.#route.settings.upstream }));
  }

  // The request.

  #send(connection: Connection): void {
    this.#begun = true;
    this.#reader.start(this.#task.request.method as string);
    const { socket } = connection.secure;
    socket.write(this.#head, 'latin1');
    if (this.#body === undefined) {
      this.bodySent();
      return;
    }
    this.#await(this.#route.settings.timeouts.idle);
    this.#body.send(socket, this.#replayable && connection.reused);
  }

  bodyMoved(bytes: number): void {
    this.#task.bytesIn += bytes;
    this.#timer?.refresh();
    const limit = this.#route.settings.limits.body;
    if (this.#task.bytesIn > limit) this.#fail(bodyTooLong(limit));
  }

  bodySent(): void {
    this.#requestSent = true;
    if (!this.#task.response.headersSent) this.#await(this.#route.settings.timeouts.response);
  }

  drained(): void {
    this.#timer?.refresh();
    this.#body?.drained();
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
    response.writeHead(
      head.status,
      head.reason,
      rewriteResponse(responseFields(head, chunked), this.#task, this.#route),
    );
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
    const kept = unruled(trailerFields(trailers), this.#route.settings.headers.response);
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
    this.#body?.drop();
  }

  // What goes wrong.

  closed(error: NodeJS.ErrnoException | undefined): void {
    const connection = this.#connection as Connection;
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
    if (silent && !this.#begun && !this.fresh) {
      this.#again();
    } else if (loss.code === 'stale-connection' && this.#mayReplay()) {
      this.#task.replayed = true;
      this.#again();
    } else {
      this.#fail(loss);
    }
  }

  #mayReplay(): boolean {
    return this.#replayable && !this.#task.replayed && (this.#body === undefined || this.#body.whole);
  }

  /** Once more, over a connection that carried no request before. */
  #again(): void {
    clearTimeout(this.#timer);
    this.#requestSent = false;
    this.#body?.pause();
    this.#reader = new ResponseReader(this);
    this.fresh = true;
    this.#queue();
  }

  /** One timer for the whole exchange: what is awaited next replaces what was awaited before. */
  #await(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(expire, ms, this);
  }

  /** The awaited did not come in time. */
  expire(): void {
    if (this.#connection === undefined) {
      this.#fail(noConnectionFree(this.#name, this.#route.settings.pool.maxConnections));
      return;
    }
    const standstill = {
      name: this.#name,
      clientOwes: !this.#requestSent && this.#body?.heldBack === false,
      clientFull: this.#clientFull,
      unanswered: this.#requestSent && !this.#task.response.headersSent,
    };
    this.#fail(standstillOf(standstill));
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
    task.fail(failure);
    if (failure.attempts.length > 0) task.attempts = failure.attempts.length;
    task.bytesOut += respond(task.response, failure, { route: this.#route.settings.name, upstream: this.#name });
    this.#body?.drop();
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
    if (connection === undefined) {
      this.#route.upstream.pool.cancel(this);
      return;
    }
    connection.vacate();
    connection.destroy();
  }

  get #name(): string {
    return this.#route.upstream.name;
  }
}

function expire(exchange: Exchange): void {
  exchange.expire();
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i] as string, flat[i + 1] as string]);
  return list;
}
