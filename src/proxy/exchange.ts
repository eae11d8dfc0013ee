// Longer than other files: its methods are the moves of one state, which they all read and change. What can be judged without
// it (loss, standstill, interim, linger) or has a state of its own (the two relays, the reader) is in files beside it.
import { ProxyError } from '../errors.ts';
import type { Connection, ConnectionUser } from '../upstream/connection.ts';
import { fence } from '../upstream/fence.ts';
import type { Waiter } from '../upstream/queue.ts';
import { patience } from './expectation.ts';
import { relayInterim, tellToContinue } from './interim.ts';
import { expectTaken, linger } from './linger.ts';
import { lossOf, refusalOf } from './loss.ts';
import { RequestRelay, type SendingUser } from './request-relay.ts';
import { type ResponseHead, ResponseReader } from './response-reader.ts';
import { type RelayUser, ResponseRelay } from './response-relay.ts';
import { noConnectionFree, standstillOf } from './standstill.ts';
import type { LiveRoute, Task } from './task.ts';
import { Tunnel } from './tunnel.ts';

/**
 * One request over one connection, streamed both ways with back-pressure, and its response read back; once more over a
 * fresh connection where the first was stale and the request may be replayed.
 *
 * It waits for a connection (Waiter), uses it (ConnectionUser), has the request sent (SendingUser) and the response passed on
 * (RelayUser).
 */
export class Exchange implements Waiter, ConnectionUser, SendingUser, RelayUser {
  /** Set for a replay: a second connection from the pool might be as stale as the first. */
  fresh = false;

  readonly #task: Task;
  readonly #route: LiveRoute;
  readonly #request: RequestRelay;
  readonly #response: ResponseRelay;
  #reader: ResponseReader;

  #connection: Connection | undefined;
  #over = false;
  /** The response's time-out has given way to the one for a body that stands still. */
  #idling = false;
  /** The head of a 101, until the rest of what came with it is known. */
  #switch: ResponseHead | undefined;
  /** Runs while a connection is waited for that another request has to give back; afterwards the connection has a deadline. */
  #queueing: NodeJS.Timeout | undefined;

  /** @throws ProxyError `bad-request` if the request's framing or what it expects cannot be passed on */
  constructor(task: Task, route: LiveRoute) {
    this.#task = task;
    this.#route = route;
    this.#request = new RequestRelay(task, route, this);
    this.#response = new ResponseRelay(task, route, this);
    this.#reader = new ResponseReader(this.#response, undefined, route.last);
  }

  /** Begins: queues for a connection. */
  begin(): void {
    this.#task.work = this;
    this.#queue();
  }

  #queue(): void {
    const { pool } = this.#route.upstream;
    pool.acquire(this);
    if (pool.isFull) this.#queueing = setTimeout(giveUp, this.#route.settings.timeouts.response, this);
  }

  // A connection, or none.

  ready(connection: Connection): void {
    this.#stopQueueing();
    this.#connection = connection;
    connection.occupy(this);
    const { secure } = connection;
    this.#task.protocol = secure.negotiated.protocol;
    this.#task.cipher = secure.negotiated.cipher;
    this.#task.attempts = secure.attempts.length;
    this.#task.reused = connection.reused;
    const { consent } = secure;
    if (consent === 'confirmed' || (consent === 'pending' && this.#request.replayable)) this.#send(connection);
    else secure.whenDecided(() => fence<Exchange, Connection>(this, this.#decided, connection));
  }

  /** A request that must not be sent twice waits until a refusal of our certificate can no longer cost it. */
  #decided(connection: Connection): void {
    if (this.#over || this.#connection !== connection) return;
    const { refusal } = connection.secure;
    if (refusal === undefined) this.#send(connection);
    else this.failed(refusalOf(refusal, { secure: connection.secure, upstream: this.#route.settings.upstream }));
  }

  // The request.

  #send(connection: Connection): void {
    this.#reader.start(this.#task.request.method as string, this.#task.handOver !== undefined);
    this.#request.send(connection);
  }

  held(): void {
    this.#await(patience);
  }

  sending(): void {
    this.#await(this.#route.settings.timeouts.idle);
  }

  sent(): void {
    if (this.#response.ended) this.#release(true);
    else if (!this.#task.response.headersSent) this.#await(this.#route.settings.timeouts.response);
  }

  drained(): void {
    this.#connection?.deadline.renew();
    this.#request.drained();
  }

  // The response.

  received(bytes: Buffer): void {
    const used = this.#reader.read(bytes);
    if (this.#response.ended) {
      const clean = used === bytes.length;
      if (clean && this.#request.underway && this.#response.accepting) this.#awaitRest();
      else this.#release(clean);
      return;
    }
    if (this.#switch !== undefined) {
      this.#becomeTunnel(this.#connection as Connection, this.#switch, bytes.subarray(used));
      return;
    }
    this.#response.flush();
    if (this.#idling || !this.#task.response.headersSent) return;
    this.#idling = true;
    this.#await(this.#route.settings.timeouts.idle);
  }

  informed(head: ResponseHead): void {
    this.#connection?.deadline.renew();
    if (head.status !== 100) {
      relayInterim(this.#task, head);
    } else if (this.#request.waiting) {
      relayInterim(this.#task, head);
      this.#request.proceed(this.#connection as Connection);
    }
  }

  switched(head: ResponseHead): void {
    this.#switch = head;
  }

  /** Whatever the upstream says before its 100, it does not want the body. */
  answered(): void {
    this.#request.waiting = false;
  }

  moved(): void {
    this.#connection?.deadline.renew();
  }

  hold(): void {
    this.#connection?.secure.socket.pause();
  }

  proceed(): void {
    this.#connection?.deadline.renew();
    this.#connection?.secure.socket.resume();
  }

  ended(): void {
    if (this.#reader.close() && this.#response.ended) this.#release(false);
    else this.#connection?.destroy();
  }

  /**
   * The response is there before all of the request is, and does not refuse it. Many a program answers at once and reads on: the
   * rest is passed on to it, and the client told the end of the response behind that. Who may wait for the end before it sends
   * more is told after some time without any.
   */
  #awaitRest(): void {
    this.#response.flush();
    this.#await(this.#response.isWhole ? this.#route.settings.timeouts.idle : patience);
  }

  /** Both messages have ended, or one of them for good. The connection goes back, if both are complete and nothing came behind the response. */
  #release(clean: boolean): void {
    this.#response.finish();
    const connection = this.#connection as Connection;
    this.#over = true;
    this.#connection = undefined;
    if (connection.secure.socket.isPaused()) connection.secure.socket.resume();
    const { request, response } = this.#task;
    if (this.#response.isUntaken) {
      const standstill = { name: this.#name, clientOwes: false, clientFull: true, unanswered: false };
      expectTaken(response, this.#route.settings.timeouts.idle, () => this.#task.fail(standstillOf(standstill)));
    }
    if (clean && this.#response.keepAlive && this.#request.complete) {
      this.#route.upstream.pool.release(connection, this.#response.idleHint);
      return;
    }
    connection.vacate();
    connection.destroy();
    if (this.#request.complete) return;
    this.#request.drop();
    response.once('finish', () => linger(request));
  }

  /** HTTP is over on both connections, and neither ever comes back. */
  #becomeTunnel(connection: Connection, head: ResponseHead, early: Buffer): void {
    this.#over = true;
    this.#connection = undefined;
    new Tunnel(this.#task, connection, this.#route.settings.timeouts.idle).open(head, early);
  }

  // What goes wrong.

  closed(error: NodeJS.ErrnoException | undefined): void {
    if (this.#response.ended) {
      this.#release(false);
      return;
    }
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
    if (silent && !this.#request.begun && !this.fresh) {
      this.#again();
    } else if (loss.code === 'stale-connection' && this.#mayReplay()) {
      this.#task.replayed = true;
      this.#again();
    } else {
      this.failed(loss);
    }
  }

  #mayReplay(): boolean {
    return this.#request.replayable && !this.#task.replayed && this.#request.whole;
  }

  /** Once more, over a connection that carried no request before. */
  #again(): void {
    this.#request.pause();
    this.#reader = new ResponseReader(this.#response, undefined, this.#route.last);
    this.fresh = true;
    this.#queue();
  }

  /** What is awaited next replaces what was awaited before. */
  #await(ms: number): void {
    this.#connection?.deadline.set(ms);
  }

  #stopQueueing(): void {
    if (this.#queueing === undefined) return;
    clearTimeout(this.#queueing);
    this.#queueing = undefined;
  }

  /** No connection has become free in time. */
  giveUp(): void {
    this.failed(noConnectionFree(this.#name, this.#route.settings.pool.maxConnections));
  }

  /** The awaited did not come in time. */
  expired(): void {
    if (this.#response.ended) {
      this.#release(false);
      return;
    }
    if (this.#request.waiting) {
      // Servers of HTTP/1.0, and many others, never send a 100: a client that insists on one would wait for ever.
      tellToContinue(this.#task);
      this.#request.proceed(this.#connection as Connection);
      return;
    }
    const standstill = {
      name: this.#name,
      clientOwes: this.#request.clientOwes,
      clientFull: this.#response.isUntaken,
      unanswered: this.#request.complete && !this.#task.response.headersSent,
    };
    this.failed(standstillOf(standstill));
  }

  failed(error: unknown): void {
    if (this.#over) {
      if (!(error instanceof ProxyError)) this.#task.breakOff(error);
      return;
    }
    try {
      if (this.#response.ended && error instanceof ProxyError) {
        // Of a response that is whole nothing is taken back: what is wrong is only the rest of the request.
        this.#task.cause = error.code;
        this.#release(false);
        return;
      }
      this.#letGo();
      this.#task.fail(error);
      this.#request.drop();
    } catch (fault) {
      this.#task.breakOff(fault);
    }
  }

  /** The client has left: nothing more is done on its behalf. */
  abandon(): void {
    if (this.#over) return;
    // It was about the rest of the request only.
    if (this.#response.ended && this.#response.isWhole && !this.#response.clientFull) this.#task.closed = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#over = true;
    this.#stopQueueing();
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

function giveUp(exchange: Exchange): void {
  fence(exchange, exchange.giveUp, undefined);
}
