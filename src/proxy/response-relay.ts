import { fence } from '../upstream/fence.ts';
import { unruled } from './field-rules.ts';
import { responseFields, trailerFields } from './headers.ts';
import type { ResponseHead, ResponseSink } from './response-reader.ts';
import { dependsOnTask, rewriteResponse } from './rewrite.ts';
import { giveBack, worthwhile } from './spent.ts';
import type { LiveRoute, Task } from './task.ts';
import { type CheckedHead, sendWhole } from './whole-response.ts';

/** Who has the response read, and hears how far it is. */
export interface RelayUser {
  /** A 1xx other than 101. */
  informed(head: ResponseHead): void;
  /** 101: what comes behind it is no HTTP. */
  switched(head: ResponseHead): void;
  /** The final head has been passed on. */
  answered(): void;
  /** Some of the body has been passed on. */
  moved(): void;
  /** The client takes no more for now: nothing more is to be read. */
  hold(): void;
  /** It takes more again. */
  proceed(): void;
  failed(error: unknown): void;
}

/**
 * A whole body of so many bytes at most goes out as a string behind its head: Node makes one piece of both, and the copy costs
 * less than a second piece. Each byte is a character of latin1, and comes out as it was.
 */
const shortBody = 1024;

/** The response on its way to the client, as it is read, with back-pressure. */
export class ResponseRelay implements ResponseSink {
  /** All of it has been read. */
  ended = false;
  /** Whether the upstream's connection may carry another request, as the head says. */
  keepAlive = false;
  /** Seconds for which the upstream said it keeps the connection. */
  idleHint: number | undefined;
  /** The upstream may still want what is left of the request: its status is no refusal. */
  accepting = false;

  readonly #task: Task;
  readonly #route: LiveRoute;
  readonly #user: RelayUser;
  /** The head as long as nothing of it is written: it waits for what comes with it. */
  #head: CheckedHead | undefined;
  /** The whole body, which goes out with the head. */
  #short: Buffer | undefined;
  /** The client takes no more for now. */
  clientFull = false;
  #trailers: readonly string[] = [];
  /** The client knows the end of the body without being told. */
  #sized = false;

  constructor(task: Task, route: LiveRoute, user: RelayUser) {
    this.#task = task;
    this.#route = route;
    this.#user = user;
  }

  informational(head: ResponseHead): void {
    this.#user.informed(head);
  }

  head(head: ResponseHead): void {
    if (head.status === 101) {
      this.#user.switched(head);
      return;
    }
    const { request } = this.#task;
    const chunked = (head.framing === 'chunked' || head.framing === 'close') && request.httpVersionMinor === 1;
    this.keepAlive = head.keepAlive;
    this.idleHint = head.keepAliveTimeout;
    this.accepting = head.keepAlive && head.status < 400;
    this.#sized = !chunked && head.framing !== 'close';
    this.#head = this.#check(head, chunked);
    this.#user.answered();
  }

  body(chunk: Buffer, last: boolean): void {
    this.#task.bytesOut += chunk.length;
    if (last && this.#head !== undefined && chunk.length <= shortBody) {
      this.#short = chunk;
      return;
    }
    this.#user.moved();
    this.#begin();
    const { response } = this.#task;
    const written = chunk.length < worthwhile ? undefined : (error?: Error | null) => void (error || giveBack(chunk));
    if (response.write(chunk, written) || this.clientFull) return;
    this.clientFull = true;
    this.#user.hold();
    response.once('drain', () => {
      this.clientFull = false;
      fence(this.#user, this.#user.proceed, undefined);
    });
  }

  end(trailers: readonly string[]): void {
    this.ended = true;
    this.#trailers = trailers;
  }

  /** The client has not taken all that there is for it: the kernel keeps no more, or nobody could be asked to wait. */
  get isUntaken(): boolean {
    const { socket } = this.#task.response;
    return this.clientFull || (socket !== null && socket.writableLength > 0);
  }

  /** Whether the client can tell that all of it is there although it has not been told: by the length, on a connection that stays. */
  get isWhole(): boolean {
    return this.#sized && this.#task.response.shouldKeepAlive;
  }

  /** Tells the client the end of one that has `ended`. */
  finish(): void {
    const body = this.#short === undefined ? '' : this.#short.toString('latin1');
    if (this.#head !== undefined && this.#sized && this.#sendWhole(this.#head, body)) return;
    this.#begin();
    const { response } = this.#task;
    const kept = unruled(trailerFields(this.#trailers), this.#route.settings.headers.response);
    if (kept.length > 0) response.addTrailers(pairs(kept));
    if (this.#short === undefined) response.end();
    else response.end(body, 'latin1');
  }

  /** The head as it goes on. One that was the same went on in the same way, unless the request has a say in it. */
  #check(head: ResponseHead, chunked: boolean): CheckedHead {
    const route = this.#route;
    const known = chunked ? undefined : route.last.sentAs(head);
    if (known !== undefined) return known;
    const { status, reason } = head;
    const fields = rewriteResponse(responseFields(head, chunked), this.#task, route);
    const checked: CheckedHead = { status, reason, fields, lines: undefined };
    if (!chunked && !dependsOnTask(head.fields, route)) route.last.sendAs(head, checked);
    return checked;
  }

  #sendWhole(head: CheckedHead, body: string): boolean {
    const task = this.#task;
    return task.handOver === undefined && sendWhole(task.response, head, body, () => (task.sent = true));
  }

  /** Has Node write the head, with what follows. */
  #begin(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    this.#task.response.writeHead(head.status, head.reason, head.fields);
  }

  /** All that came at once is passed on: without a body behind it a head has to leave by itself, somebody may be waiting for events. */
  flush(): void {
    const held = this.#head !== undefined;
    this.#begin();
    if (this.#short !== undefined) this.#task.response.write(this.#short);
    else if (held) this.#task.response.flushHeaders();
    this.#short = undefined;
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i] as string, flat[i + 1] as string]);
  return list;
}
