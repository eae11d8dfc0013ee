import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientResponse } from '../proxy/client-message.ts';
import { isChunked } from '../proxy/headers.ts';
import { type CheckedHead, headText, isBodiless, stay } from '../proxy/whole-response.ts';
import type { PlainRequest } from './plain-request.ts';
import { PlainStream } from './plain-stream.ts';

/** What Node's server sets of a response, and looks at behind it. */
type Served = ServerResponse & { _keepAliveTimeout: number; readonly _last: boolean };

function nothing(): void {}

/** Hears of a response's end. */
export interface PlainResponseUser {
  /** All of it has been sent. @param last nothing follows on its connection */
  sent(last: boolean): void;
}

/**
 * The response to a plain request. One that is sent whole, or in parts behind a head that says how the body is framed, needs nothing of
 * what Node makes for each response; as soon as more is asked of it, Node's is made, and does it.
 */
export class PlainResponse implements ClientResponse {
  readonly req: PlainRequest;
  statusCode = 200;
  finished = false;
  #shouldKeepAlive = true;
  #isOver = false;
  readonly #user: PlainResponseUser;
  readonly #closing: (() => void)[] = [];
  readonly #finishing: (() => void)[] = [];
  #made: Served | undefined;
  #stream: PlainStream | undefined;
  #drained: () => void = nothing;

  constructor(request: PlainRequest, user: PlainResponseUser) {
    this.req = request;
    this.#user = user;
  }

  get socket(): Socket | null {
    return this.#isOver ? null : this.req.socket;
  }

  get shouldKeepAlive(): boolean {
    return this.#shouldKeepAlive;
  }

  set shouldKeepAlive(stays: boolean) {
    this.#shouldKeepAlive = stays;
    if (this.#made !== undefined) this.#made.shouldKeepAlive = stays;
  }

  get headersSent(): boolean {
    return this.finished || this.#sender?.headersSent === true;
  }

  get writableEnded(): boolean {
    return this.finished || this.#sender?.writableEnded === true;
  }

  get writableFinished(): boolean {
    return this.#sender?.writableFinished === true;
  }

  get destroyed(): boolean {
    return this.#isOver || this.#sender?.destroyed === true;
  }

  setHeader(name: string, value: string): void {
    this.#node.setHeader(name, value);
  }

  writeHead(status: number, fields: string[] | Record<string, string>): void;
  writeHead(status: number, reason: string, fields: string[]): void;
  writeHead(status: number, ...rest: [string[] | Record<string, string>] | [string, string[]]): void {
    this.statusCode = status;
    if (rest.length === 2 && this.#made === undefined) {
      const [reason, fields] = rest;
      if (this.#begin({ status, reason, fields })) return;
    }
    this.#node.writeHead(status, ...(rest as [string, string[]]));
  }

  write(chunk: Buffer, written?: (error?: Error | null) => void): boolean {
    return (this.#stream ?? this.#node).write(chunk, written);
  }

  end(chunk?: Buffer | string, encoding: BufferEncoding = 'utf8'): void {
    (this.#stream ?? this.#node).end(chunk, encoding);
  }

  addTrailers(trailers: [string, string][]): void {
    (this.#stream ?? this.#node).addTrailers(trailers);
  }

  flushHeaders(): void {
    // Those of a stream leave with this turn.
    if (this.#stream === undefined) this.#node.flushHeaders();
  }

  destroy(error?: Error): void {
    (this.#stream ?? this.#node).destroy(error);
  }

  /** All of it has been written past Node's. */
  emit(_event: 'finish'): boolean {
    this.#end(false);
    return true;
  }

  on(_event: 'close', listener: () => void): void {
    this.#closing.push(listener);
  }

  once(event: 'finish' | 'drain', listener: () => void): void {
    if (event === 'finish') this.#finishing.push(listener);
    else (this.#stream ?? this.#node).once(event, listener);
  }

  /** Its connection is closed. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const listener of this.#closing) listener();
  }

  /** Sends what is held of it until the end of the turn. */
  flush(): void {
    this.#stream?.release();
  }

  /** Node's, if there is one, has nothing to do with the connection any more. */
  #letGo(): void {
    if (this.#made === undefined) return;
    const { socket } = this.req;
    this.#made.detachSocket(socket);
    socket.off('drain', this.#drained);
  }

  #end(last: boolean): void {
    this.#letGo();
    for (const listener of this.#finishing) listener();
    this.close();
    this.#user.sent(last);
  }

  get #sender(): Served | PlainStream | undefined {
    return this.#stream ?? this.#made;
  }

  /** Begins to send a response in parts; false if Node has to do that. */
  #begin(head: CheckedHead): boolean {
    // To what has no body Node lets nobody write one.
    if (isBodiless(this.req.method, head.status)) return false;
    const chunked = isChunked(head.fields);
    const text = headText(this, head, chunked);
    if (text === undefined) return false;
    this.#stream = new PlainStream(this.req.socket, text, chunked, () => this.#end(false));
    return true;
  }

  get #node(): Served {
    this.#made ??= this.#make();
    return this.#made;
  }

  #make(): Served {
    const { socket } = this.req;
    // Node's constructor looks at nothing but what there is.
    const made = new ServerResponse(this.req as unknown as IncomingMessage) as Served;
    made.shouldKeepAlive = this.#shouldKeepAlive;
    made._keepAliveTimeout = stay;
    this.#drained = () => void made.emit('drain');
    socket.on('drain', this.#drained);
    made.on('finish', () => this.#end(made._last));
    // Its connection is.
    made.on('close', () => this.close());
    made.assignSocket(socket);
    return made;
  }
}
