import type { Socket } from 'node:net';
import { ProxyError } from '../errors.ts';
import type { Connection, ConnectionUser } from '../upstream/connection.ts';
import { fence } from '../upstream/fence.ts';
import { breakOff } from './break-off.ts';
import type { HandOver } from './hand-over.ts';
import { responseFields, responseHead } from './headers.ts';
import type { ResponseHead } from './response-head.ts';
import { rewriteResponse } from './rewrite.ts';
import type { LiveRoute, Task } from './task.ts';

/**
 * What two connections are after a 101: bytes both ways, with back-pressure, each side's end passed on by itself (a FIN by
 * close_notify and FIN, and the reverse) and each side's reset by a reset. It ends when both sides have ended, one is lost,
 * nothing has moved either way for `timeouts.idle`, or the proxy ends.
 */
export class Tunnel implements ConnectionUser {
  readonly #task: Task;
  readonly #client: Socket;
  readonly #connection: Connection;
  readonly #idle: number;
  #clientEnded = false;
  #upstreamEnded = false;
  #over = false;
  #concluded = false;

  /** @param idle milliseconds without a byte after which it ends */
  constructor(task: Task, connection: Connection, idle: number) {
    this.#task = task;
    this.#client = (task.handOver as HandOver).socket;
    this.#connection = connection;
    this.#idle = idle;
  }

  /**
   * Takes both connections and tells the client.
   *
   * @param head the 101
   * @param early what the upstream sent behind it
   */
  open(head: ResponseHead, early: Buffer): void {
    const task = this.#task;
    const client = this.#client;
    const { secure } = this.#connection;
    task.work = this;
    task.switched = head.status;
    this.#connection.pass(this);
    secure.keepHalfOpen();
    this.#connection.deadline.set(this.#idle);
    const behind = (task.handOver as HandOver).take();
    const fields = rewriteResponse(responseFields(head, false), task, task.route as LiveRoute);
    client.write(responseHead(head.status, head.reason, fields), 'latin1');
    client.on('data', (bytes: Buffer) => fence(this, this.#sent, bytes));
    client.on('end', () => fence(this, this.#clientEnd, undefined));
    client.on('drain', () => fence(this, this.#clientDrained, undefined));
    client.resume();
    if (behind.length > 0) this.#sent(behind);
    if (early.length > 0) this.received(early);
  }

  // The upstream's side.

  received(bytes: Buffer): void {
    if (this.#concluded) return;
    this.#task.bytesOut += bytes.length;
    this.#connection.deadline.renew();
    if (!this.#client.write(bytes)) this.#connection.secure.socket.pause();
  }

  drained(): void {
    this.#client.resume();
  }

  ended(): void {
    this.#upstreamEnded = true;
    this.#connection.deadline.renew();
    this.#client.end();
  }

  closed(error: NodeJS.ErrnoException | undefined): void {
    const whole = this.#clientEnded && this.#upstreamEnded;
    if (this.#over || whole || this.#concluded) return;
    this.failed(
      new ProxyError('bad-response', 'the upstream broke the tunnel off', {
        ...(error === undefined ? {} : { cause: error }),
      }),
    );
  }

  // The client's side.

  #sent(bytes: Buffer): void {
    if (this.#concluded) return;
    this.#task.bytesIn += bytes.length;
    this.#connection.deadline.renew();
    if (!this.#connection.secure.socket.write(bytes)) this.#client.pause();
  }

  #clientDrained(): void {
    this.#connection.secure.socket.resume();
  }

  #clientEnd(): void {
    this.#clientEnded = true;
    this.#connection.deadline.renew();
    this.#connection.secure.socket.end();
  }

  /** The client's connection is closed. What has been written to the upstream by then may still leave. */
  abandon(): void {
    // Once it is concluded, neither side's end has to wait for the other's.
    if (this.#clientEnded && (this.#upstreamEnded || this.#concluded)) this.#task.closed = !this.#over;
    else this.#end();
  }

  // What ends it before its time.

  /**
   * The proxy ends: both sides are told that nothing more comes, behind what has been written to them, and what they still
   * send is dropped. What a WebSocket would say here (RFC 6455 section 7.1) cannot be said between the bytes of a frame.
   */
  conclude(): void {
    this.#concluded = true;
    this.#client.end();
    this.#connection.secure.socket.end();
    // What was held back for the other side's sake may hide its end.
    this.#client.resume();
    this.#connection.secure.socket.resume();
  }

  /** Nothing has moved. */
  expired(): void {
    this.failed(new ProxyError('timeout', 'nothing moved in the tunnel for the time of `timeouts.idle`'));
  }

  failed(error: unknown): void {
    if (this.#over) return;
    const task = this.#task;
    if (error instanceof ProxyError) {
      task.cause = error.code;
      task.detail = error.message;
    } else {
      task.cause = 'internal';
      task.fault = error;
    }
    try {
      this.#end();
    } catch (fault) {
      task.breakOff(fault);
    }
    breakOff(this.#client);
  }

  #end(): void {
    this.#over = true;
    this.#connection.vacate();
    this.#connection.destroy();
  }
}
