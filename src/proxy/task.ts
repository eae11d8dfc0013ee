import { clock } from '../clock.ts';
import type { RouteSettings } from '../config/config.ts';
import { type Cause, ProxyError } from '../errors.ts';
import type { RequestLine } from '../request-line.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { ClientRequest, ClientResponse } from './client-message.ts';
import type { HandOver } from './hand-over.ts';
import type { LastHead } from './last-head.ts';
import type { Outgoing } from './outgoing.ts';
import { respond } from './respond.ts';

/** A configured route together with what is running for it. */
export interface LiveRoute {
  readonly settings: RouteSettings;
  readonly upstream: Upstream;
  /** How it answered last. */
  readonly last: LastHead;
  /** Sends a task's request on and its response back; see {@link file://./shell.ts}. */
  readonly forward: (task: Task) => void;
}

/** What is being done for a task, an exchange or a tunnel: it hears what ends it from outside. */
export interface Work {
  /** The client has gone away before the response was complete. */
  abandon(): void;
  /** It cannot go on; must end the task by that, and not throw. Left out: there is nothing to let go of. */
  failed?(error: unknown): void;
  /** The proxy ends: what has no end of its own, such as a tunnel, comes to a proper one. */
  conclude?(): void;
}

/** Where a response carries its task, for those who see nothing but the client's connection. */
const carried = Symbol('task');

type Carrier = ClientResponse & { [carried]?: Task };

/**
 * Ends the request that a response belongs to, because the rest of it cannot be read.
 *
 * @returns false if nobody here works on it
 */
export function spoil(response: ClientResponse, failure: ProxyError): boolean {
  const task = (response as Carrier)[carried];
  if (task?.work?.failed !== undefined) task.work.failed(failure);
  else task?.fail(failure);
  return task !== undefined;
}

/** One request on its way, and what is to be logged of it in the end. */
export class Task {
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  /** The client's connection, if the request asks to have it for something else than HTTP. */
  readonly handOver: HandOver | undefined;
  readonly started = clock();
  route: LiveRoute | undefined;
  /** Target for the upstream: path and query. */
  target = '';
  /** What the request goes on as; set by who finds it out, and kept for the next one that is the same. */
  outgoing: Outgoing | undefined;
  /** All routes of the configuration that the request met, and the listener it came in by, as the configuration has it. */
  routes: readonly LiveRoute[] = [];
  listener = '';
  /** Authority of an absolute-form target, or of the tunnel that the request came through. */
  authority: string | undefined;
  cause: Cause | undefined;
  /** One sentence on an upstream's failure, or on one that no problem document can tell: many a program shows its user nothing. */
  detail: string | undefined;
  /** An exception of this program's own that ended the request. */
  fault: unknown;
  /** Body bytes that came from the client. */
  bytesIn = 0;
  /** Body bytes that went to the client. */
  bytesOut = 0;
  reused = false;
  replayed = false;
  protocol: string | undefined;
  cipher: string | undefined;
  /** Handshake attempts made for the connection used, or for the failure. */
  attempts = 0;
  work: Work | undefined;
  /** The status with which the connection became a tunnel: 101, or 200 to CONNECT. */
  switched: number | undefined;
  /** All there was for the client has been sent, though no response ended: a tunnel closed by both sides, or a whole body by its length. */
  closed = false;
  /** All of the response has been sent, past Node's own count of it. */
  sent = false;
  #concluded = false;

  constructor(request: ClientRequest, response: ClientResponse, handOver?: HandOver) {
    this.request = request;
    this.response = response;
    this.handOver = handOver;
    (response as Carrier)[carried] = this;
  }

  /** Ends it by a failure: notes the cause and answers with it, as far as something can still be answered. Never throws. */
  fail(error: unknown): void {
    const failure = asProxyError(error);
    this.cause = failure.code;
    // What is wrong with a request may quote it.
    if (failure.source === 'upstream') this.detail = failure.message;
    if (failure.code === 'internal') this.fault = failure.cause;
    if (failure.attempts.length > 0) this.attempts = failure.attempts.length;
    try {
      const about = { route: this.route?.settings.name, upstream: this.route?.upstream.name };
      this.bytesOut += respond(this.response, failure, about);
    } catch (fault) {
      this.breakOff(fault);
    }
  }

  /** `drain` is over: brings a tunnel to a proper end; all else is about to be cut off. @returns whether it is one */
  conclude(): boolean {
    this.#concluded = true;
    this.work?.conclude?.();
    return this.work?.conclude !== undefined;
  }

  /** Ends it by an exception of our own after which nothing can be answered any more. */
  breakOff(fault: unknown): void {
    this.cause = 'internal';
    this.fault = fault;
    if (!this.response.writableEnded) this.response.destroy();
    this.handOver?.socket.destroy();
  }

  /** All of the response has been sent. Node 20 and 22 say `writableFinished` also of one that was lost with its connection. */
  get answered(): boolean {
    return (this.sent || this.response.writableFinished) && !this.request.socket.errored;
  }

  /** The fields of the `request` log line. Neither query nor fields are in it: they may hold secrets. */
  summary(): RequestLine {
    const { request, response } = this;
    const url = request.url as string;
    const query = url.indexOf('?');
    const aborted = this.answered || this.closed ? undefined : true;
    return {
      route: this.route?.settings.name,
      method: request.method,
      path: query === -1 ? url : url.slice(0, query),
      status: this.switched ?? (response.headersSent || response.writableEnded ? response.statusCode : 0),
      ms: Math.round(clock() - this.started),
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      reused: this.reused,
      protocol: this.protocol,
      cipher: this.cipher,
      attempts: this.attempts,
      replayed: this.replayed,
      cause: this.cause,
      detail: this.detail,
      aborted,
      cut: this.#concluded ? aborted : undefined,
    };
  }
}

function asProxyError(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error;
  return new ProxyError('internal', 'the proxy failed on this request; see its log', {
    source: 'internal',
    cause: error,
  });
}
