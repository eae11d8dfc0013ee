import type { Socket } from 'node:net';
import { readByStream, readDirectly } from '../direct-read.ts';
import type { Path } from './idle-clients.ts';
import { type HeadsOfClient, KnownHeads } from './known-heads.ts';
import { type PlainBody, pieceCost } from './plain-body.ts';
import { type PlainRequest, readPlain } from './plain-request.ts';
import { PlainResponse, type PlainResponseUser } from './plain-response.ts';

/** With so many bytes behind a request that is under way, the cost of their pieces included, its client is not read on. */
const mostWaiting = 64 * 1024;

/** Where a socket carries its fast path. */
const path = Symbol('fast path');

type Carrier = Socket & { [path]?: FastPath };

/** Whether a connection has a request under way on its fast path. */
export function isServed(socket: Socket): boolean {
  return (socket as Carrier)[path]?.isIdle === false;
}

/** What a connection on the fast path needs of its server. */
export interface FastPathHost {
  /** Serves a request. */
  serve(request: PlainRequest, response: PlainResponse): void;
  /** Has Node's server read the connection from now on. @param unread bytes of it that Node's parser will be given besides */
  toNode(socket: Socket, unread: number): void;
  /** Bytes that a head may have. */
  readonly limit: number;
  /** Of all its connections. */
  readonly heads: HeadsOfClient;
}

/**
 * A client's connection as long as its requests are plain: they are read here, and answered without the objects that Node's server
 * makes for each. Whatever is not plain, Node's server gets, with the connection, for good.
 */
export class FastPath implements PlainResponseUser, Path {
  readonly #socket: Socket;
  readonly #host: FastPathHost;
  readonly #known = new KnownHeads();
  /** The last request that came whole, with a head that is kept: it stands for the next one with the same, too. */
  #latest: PlainRequest | undefined;
  #response: PlainResponse | undefined;
  /** What has not come whole of the last one. */
  #body: PlainBody | undefined;
  /** What came while a request was under way. */
  #waiting: Buffer[] = [];
  #waitingCost = 0;

  constructor(socket: Socket, host: FastPathHost) {
    this.#socket = socket;
    this.#host = host;
    (socket as Carrier)[path] = this;
    readDirectly(socket, this.#came);
    socket.on('end', this.#left);
    socket.on('error', ignore);
    socket.on('close', this.#closed);
  }

  /** Whether no request is under way. */
  get isIdle(): boolean {
    return !this.isAnswering && this.#body === undefined;
  }

  /** Whether a request is not answered, be it that it has not come whole. */
  get isAnswering(): boolean {
    return this.#response !== undefined;
  }

  sent(last: boolean): void {
    if (this.#response !== undefined) this.#response.req.body = undefined;
    this.#response = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingCost = 0;
    if (this.#socket.destroyed) return;
    if (last) {
      this.#socket.destroySoon();
      return;
    }
    this.#body?.drop();
    if (waiting.length === 0) return;
    this.#take(Buffer.concat(waiting));
    if (this.#body?.holdsBack !== true) this.#socket.resume();
  }

  readonly #came = (bytes: Buffer): void => {
    const rest = this.#body === undefined ? bytes : this.#ofBody(this.#body, bytes);
    if (rest === undefined) return;
    if (this.#response === undefined) {
      this.#take(rest);
      return;
    }
    // It is read on, because a client that leaves is noticed only so.
    this.#waiting.push(rest);
    this.#waitingCost += rest.length + pieceCost;
    if (this.#waitingCost >= mostWaiting) this.#socket.pause();
  };

  /** @returns what is behind the body */
  #ofBody(body: PlainBody, bytes: Buffer): Buffer | undefined {
    const rest = body.came(bytes);
    if (body.complete) this.#body = undefined;
    return rest;
  }

  #take(bytes: Buffer): void {
    const request = this.#read(bytes);
    if (request === undefined) {
      this.#toNode(bytes);
      return;
    }
    // The connection ends behind a response that has left already.
    if (!this.#socket.writable) return;
    if (!request.complete) this.#body = request.incoming;
    const response = new PlainResponse(request, this);
    response.shouldKeepAlive = request.recurs.persists;
    this.#response = response;
    this.#host.serve(request, response);
  }

  #read(bytes: Buffer): PlainRequest | undefined {
    const latest = this.#latest;
    return latest?.recurs.request(bytes, this.#socket, latest) ?? this.#readOther(bytes);
  }

  #readOther(bytes: Buffer): PlainRequest | undefined {
    const request = this.#known.request(bytes, this.#socket) ?? this.#readNew(bytes);
    if (request?.incoming === undefined && request?.recurs.isShort) this.#latest = request;
    return request;
  }

  #readNew(bytes: Buffer): PlainRequest | undefined {
    const { heads, limit } = this.#host;
    const socket = this.#socket;
    // Who asks for something else each time has nothing to share, and would pay for it with each request.
    const mayShare = !this.#known.isFull;
    const shared = mayShare ? heads.request(bytes, socket) : undefined;
    if (shared !== undefined) {
      this.#known.add(shared.recurs);
      return shared;
    }
    const head = readPlain(bytes, limit);
    const request = head?.request(bytes, socket);
    if (head !== undefined && request !== undefined && head.isShort) {
      this.#known.add(head);
      if (mayShare) heads.add(head, socket);
    }
    return request;
  }

  #toNode(bytes: Buffer): void {
    const socket = this.#socket;
    this.#known.clear();
    this.#latest = undefined;
    readByStream(socket);
    socket.off('end', this.#left);
    socket.off('error', ignore);
    socket.off('close', this.#closed);
    socket.setTimeout(0);
    // What the stream has read besides. Without a number, not all of it would come.
    const { readableLength } = socket;
    const all = readableLength === 0 ? bytes : Buffer.concat([bytes, socket.read(readableLength) as Buffer]);
    this.#host.toNode(socket, all.length);
    if (socket.isPaused()) socket.resume();
    // Node's parser takes what comes from the kernel past the socket's own stream, which may read on by itself at the end of this turn:
    // only behind that can the parser hold the client back. Nothing comes from the kernel before.
    queueMicrotask(() => void (socket.destroyed || socket.emit('data', all)));
  }

  /** As Node's server does: a client that ends its side wants nothing more. */
  readonly #left = (): void => {
    // In the midst of its request: it has gone away.
    if (this.#body !== undefined && this.#response?.writableEnded === false) {
      this.#socket.destroy();
      return;
    }
    this.#response?.flush();
    this.#socket.end();
  };

  readonly #closed = (): void => {
    this.#body?.over();
    this.#response?.close();
  };
}

/** Its close tells all that there is to do. */
function ignore(): void {}
