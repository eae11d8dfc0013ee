import type { IncomingMessage } from 'node:http';
import type { Connection } from '../upstream/connection.ts';
import type { Fallible } from '../upstream/fence.ts';
import { admitLength, bodyTooLong } from './body-limit.ts';
import { expectsContinue, noteContinued } from './expectation.ts';
import { requestFields, requestHead } from './headers.ts';
import type { Outgoing } from './outgoing.ts';
import { mayReplay } from './replay.ts';
import { type BodyUser, framingOf, RequestBody } from './request-body.ts';
import { rewriteRequest } from './rewrite.ts';
import type { LiveRoute, Task } from './task.ts';
import { upgradeFields } from './upgrade.ts';

/** Who has a request sent, and hears how far it is. */
export interface SendingUser extends Fallible {
  /** The head is written, and the body waits for the upstream's 100. */
  held(): void;
  /** The body begins. */
  sending(): void;
  /** Some of the body came from the client. */
  moved(): void;
  /** All of it has been written. */
  sent(): void;
}

/** The request on its way to the upstream: its head, and its body as soon as somebody wants it; once more if need be. */
export class RequestRelay implements BodyUser {
  /** Something of it has been written to some connection. */
  begun = false;
  /** All of it has been written to the present connection. */
  complete = false;
  /** The head is written, and the body waits for the upstream's 100. */
  waiting = false;
  /** Whether the method and the route allow to send it twice. */
  readonly replayable: boolean;

  readonly #task: Task;
  readonly #user: SendingUser;
  readonly #head: string;
  /** All of a body that came together with the head, and goes so. */
  readonly #behind: Buffer | undefined;
  /** One that is read as it comes. */
  readonly #body: RequestBody | undefined;
  /** Bytes that the body may have. */
  readonly #limit: number;
  /** The client sends its body only when it is told to, and has not been told yet. */
  #expects: boolean;

  /** @throws ProxyError `bad-request` if the request's framing or what it expects cannot be passed on, or its body is too long */
  constructor(task: Task, route: LiveRoute, user: SendingUser) {
    const { settings } = route;
    this.#task = task;
    this.#limit = settings.limits.body;
    this.#user = user;
    task.outgoing ??= outgoingOf(task, route);
    const { head, framing, expects, replayable } = task.outgoing;
    this.#head = head;
    const { body, incoming } = task.request;
    this.#behind = body;
    if (framing !== undefined && body === undefined) {
      const source = incoming ?? (task.request as IncomingMessage);
      this.#body = new RequestBody(source, framing, this, settings.headers.request);
    }
    this.#expects = expects && framing !== undefined;
    if (expects && !this.#expects) noteContinued(task.response);
    this.replayable = replayable;
  }

  /** Part of the body is still to come from the client, and the upstream would take it. */
  get clientOwes(): boolean {
    return !this.complete && this.#body?.heldBack === false;
  }

  /** Its body has begun, and part of it is still to be sent. */
  get underway(): boolean {
    return this.#body?.underway === true;
  }

  /** Whether it can be sent from its beginning. */
  get whole(): boolean {
    return this.#body === undefined || this.#body.whole;
  }

  /** Sends it over a connection, or its head only if the client waits for a 100. */
  send(connection: Connection): void {
    const behind = this.#behind;
    if (behind !== undefined && !this.begun) this.#task.bytesIn += behind.length;
    this.begun = true;
    // One piece costs less than two. Each byte is a character of latin1, and comes out as it was.
    const text = behind === undefined ? this.#head : this.#head + behind.toString('latin1');
    connection.secure.socket.write(text, 'latin1');
    if (this.#body === undefined) {
      this.bodySent();
    } else if (this.#expects) {
      this.waiting = true;
      this.#user.held();
    } else {
      this.#sendBody(this.#body, connection);
    }
  }

  /** The client has been told to go on, by the upstream's 100 or by ours, once and for all connections. */
  proceed(connection: Connection): void {
    this.waiting = false;
    this.#expects = false;
    noteContinued(this.#task.response);
    this.#sendBody(this.#body as RequestBody, connection);
  }

  /** Holds the client back until it is sent over another connection. */
  pause(): void {
    this.waiting = false;
    this.complete = false;
    this.#body?.pause();
  }

  /** The connection takes more again. */
  drained(): void {
    this.#body?.drained();
  }

  /** Nobody wants what is left of it. */
  drop(): void {
    this.#body?.drop();
  }

  bodyMoved(bytes: number): void {
    this.#task.bytesIn += bytes;
    this.#user.moved();
    if (this.#task.bytesIn > this.#limit) throw bodyTooLong(this.#limit);
  }

  bodySent(): void {
    this.complete = true;
    this.#user.sent();
  }

  failed(error: unknown): void {
    this.#user.failed(error);
  }

  #sendBody(body: RequestBody, connection: Connection): void {
    this.#user.sending();
    body.send(connection.secure.socket, this.replayable && connection.reused);
  }
}

/** @throws ProxyError `bad-request` if its framing or what it expects cannot be passed on, or its body is too long */
function outgoingOf(task: Task, route: LiveRoute): Outgoing {
  const { request } = task;
  const { settings } = route;
  const method = request.method as string;
  const upgrade = task.handOver !== undefined;
  const expects = expectsContinue(request);
  const received = requestFields(upgrade ? upgradeFields(request.rawHeaders) : request.rawHeaders, {
    authority: settings.upstream.authority,
    host: settings.host,
    targetAuthority: task.authority,
    clientAddress: request.socket.remoteAddress,
    version: request.httpVersionMinor === 0 ? 0 : 1,
    upgrade,
    expect: expects,
  });
  const fields = rewriteRequest(received, task, route);
  admitLength(fields, settings.limits.body);
  const head = requestHead(method, task.target, fields);
  return { head, framing: framingOf(fields), expects, replayable: mayReplay(settings.replay, method) };
}
