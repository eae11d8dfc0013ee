import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasMember } from './field-syntax.ts';

/** What a client may send behind a request that asks for the connection, before it is answered, in bytes; more is not read. */
const earlyLimit = 64 * 1024;

const nothing = Buffer.alloc(0);

/** Serves a request whose connection comes with it. */
export type Serve = (request: IncomingMessage, response: ServerResponse, handOver: HandOver) => void;

/** What Node's server keeps of a socket: the response whose turn it is. */
type Served = Socket & { _httpMessage?: ServerResponse | null };

/**
 * The client's connection while a request that asks to have it for something else (an upgrade, CONNECT) is answered. Node's
 * parser has let go of it. It is read all the time, because a client that leaves is noticed only so, and what comes is kept
 * for whoever gets the connection: a tunnel (`take`) or, with an answer that is like any other, the parser again.
 */
export class HandOver {
  readonly socket: Socket;
  readonly #response: ServerResponse;
  readonly #toHttp: (socket: Socket) => void;
  #early: Buffer[] = [];
  #held = 0;

  /**
   * @param head what came behind the request
   * @param toHttp gives a connection to Node's parser
   */
  constructor(request: IncomingMessage, socket: Socket, head: Buffer, toHttp: (socket: Socket) => void) {
    this.socket = socket;
    this.#toHttp = toHttp;
    this.#response = new ServerResponse(request);
    // What comes behind a CONNECT is the client's user's: refused, it is not to be read as requests (RFC 9931 section 7).
    this.#response.shouldKeepAlive =
      request.method !== 'CONNECT' && !hasMember(request.headers.connection ?? '', 'close');
    // Its close tells all that there is to do.
    if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
    if (head.length > 0) this.#keep(head);
    // Node's parser may have stopped reading past the stream, which takes itself to be reading still: an empty piece tells it better.
    socket.push(nothing);
    socket.on('data', this.#keep);
    socket.on('end', this.#left);
    socket.on('drain', this.#drained);
  }

  /** Has the request served, when those before it on the connection are over. */
  serve(serve: Serve): void {
    whenFree(this.socket, () => {
      const { socket } = this;
      const response = this.#response;
      response.on('finish', () => {
        response.detachSocket(socket);
        this.#close();
        if (response.shouldKeepAlive) this.giveBack();
        else socket.destroySoon();
      });
      response.assignSocket(socket);
      serve(response.req, response, this);
    });
  }

  /** Has the request read once more by Node's parser, with another head, when those before it on the connection are over. */
  reread(head: Buffer): void {
    whenFree(this.socket, () => this.giveBack(head));
  }

  /**
   * Takes the connection out of HTTP: the response is over when it is closed.
   *
   * @returns what the client sent behind its request; the caller reads on in the same turn of the event loop
   */
  take(): Buffer {
    const { socket } = this;
    const response = this.#response;
    response.detachSocket(socket);
    socket.once('close', () => this.#close());
    return this.#letGo();
  }

  /**
   * Gives the connection back to Node's parser.
   *
   * @param first what it is to read before what the client sent
   */
  giveBack(first: Buffer = nothing): void {
    const { socket } = this;
    const early = Buffer.concat([first, this.#letGo()]);
    if (!socket.writable) return;
    socket.pause();
    if (early.length > 0) socket.unshift(early);
    this.#toHttp(socket);
    socket.resume();
  }

  /** Tells that the response is over, as Node does for those of its own. */
  #close(): void {
    this.#response.destroyed = true;
    this.#response.emit('close');
  }

  #letGo(): Buffer {
    const { socket } = this;
    // Node counts what is idle for itself only; a time-out that it set for a request before would end a tunnel.
    socket.setTimeout(0);
    socket.removeListener('data', this.#keep);
    socket.removeListener('end', this.#left);
    socket.removeListener('drain', this.#drained);
    const early = this.#early.length === 0 ? nothing : Buffer.concat(this.#early);
    this.#early = [];
    this.#held = 0;
    return early;
  }

  readonly #keep = (bytes: Buffer): void => {
    this.#early.push(bytes);
    this.#held += bytes.length;
    if (this.#held > earlyLimit) this.socket.pause();
  };

  /** As for any other request: a client that closes before it has its answer does not want it. */
  readonly #left = (): void => this.socket.destroySoon();

  /** Node tells a response of this only while its parser has the connection. */
  readonly #drained = (): void => void this.#response.emit('drain');
}

function ignore(): void {}

/** Calls when no response is under way on a connection; never, if it closes before. */
function whenFree(socket: Served, begin: () => void): void {
  const before = socket._httpMessage;
  if (before) before.once('close', () => whenFree(socket, begin));
  else if (socket.writable) begin();
}
