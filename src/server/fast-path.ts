import type { Socket } from 'node:net';
import { readByStream, readDirectly } from '../direct-read.ts';
import { stay } from '../proxy/whole-response.ts';
import { type PlainRequest, readPlain } from './plain-request.ts';
import { PlainResponse, type PlainResponseUser } from './plain-response.ts';

/** With so many bytes behind a request that is under way, its client is not read on. */
const mostWaiting = 64 * 1024;

/** What a connection on the fast path needs of its server. */
export interface FastPathHost {
  /** Serves a request. */
  serve(request: PlainRequest, response: PlainResponse): void;
  /** Has Node's server read the connection from now on. @param unread bytes of it that Node's parser will be given besides */
  toNode(socket: Socket, unread: number): void;
  /** Bytes that a head may have. */
  readonly limit: number;
}

/**
 * A client's connection as long as its requests are plain: they are read here, and answered without the objects that Node's server
 * makes for each. Whatever is not plain, Node's server gets, with the connection, for good.
 */
export class FastPath implements PlainResponseUser {
  readonly #socket: Socket;
  readonly #host: FastPathHost;
  /** The last one: most clients ask for the same again. */
  #request: PlainRequest | undefined;
  #response: PlainResponse | undefined;
  /** What came while a request was under way. */
  #waiting: Buffer[] = [];
  #waitingLength = 0;

  constructor(socket: Socket, host: FastPathHost) {
    this.#socket = socket;
    this.#host = host;
    readDirectly(socket, this.#came);
    socket.on('end', this.#left);
    socket.on('error', ignore);
    socket.on('close', this.#closed);
  }

  /** Whether no request is under way. */
  get isIdle(): boolean {
    return this.#response === undefined;
  }

  sent(last: boolean): void {
    this.#response = undefined;
    if (this.#request?.isShort) this.#request.forget();
    else this.#request = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    if (this.#socket.destroyed) return;
    if (last) {
      this.#socket.destroySoon();
      return;
    }
    this.#socket.setTimeout(stay);
    if (waiting.length === 0) return;
    this.#take(Buffer.concat(waiting));
    this.#socket.resume();
  }

  readonly #came = (bytes: Buffer): void => {
    if (this.#response === undefined) {
      this.#take(bytes);
      return;
    }
    // It is read on, because a client that leaves is noticed only so.
    this.#waiting.push(bytes);
    this.#waitingLength += bytes.length;
    if (this.#waitingLength < mostWaiting) return;
    // One that is not read and leaves is noticed by what Node keeps of the response.
    this.#response.settle();
    this.#socket.pause();
  };

  #take(bytes: Buffer): void {
    const request = this.#read(bytes);
    if (request === undefined) {
      this.#toNode(bytes);
      return;
    }
    // The connection ends behind a response that has left already.
    if (!this.#socket.writable) return;
    this.#socket.setTimeout(0);
    const response = new PlainResponse(request, this);
    response.shouldKeepAlive = request.persists;
    this.#response = response;
    this.#host.serve(request, response);
  }

  #read(bytes: Buffer): PlainRequest | undefined {
    if (this.#request?.repeat(bytes)) return this.#request;
    this.#request = readPlain(bytes, this.#host.limit, this.#socket);
    return this.#request;
  }

  #toNode(bytes: Buffer): void {
    const socket = this.#socket;
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
    this.#response?.flush();
    this.#socket.end();
  };

  readonly #closed = (): void => this.#response?.close();
}

/** Its close tells all that there is to do. */
function ignore(): void {}
