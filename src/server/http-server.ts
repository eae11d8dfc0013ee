import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from '../config/config.ts';
import type { ClientRequest, ClientResponse } from '../proxy/client-message.ts';
import { HandOver } from '../proxy/hand-over.ts';
import type { Surplus } from '../proxy/site.ts';
import { announcesBody, mayUpgrade, plainHead } from '../proxy/upgrade.ts';
import { stay } from '../proxy/whole-response.ts';
import type { Clients } from './clients.ts';
import { endGently } from './end-gently.ts';
import { FastPath, type FastPathHost } from './fast-path.ts';
import { IdleClients, type Silence } from './idle-clients.ts';
import { HeadsOfClient } from './known-heads.ts';
import { mayPersist } from './persistence.ts';
import { awaitTurn } from './pipeline.ts';
import { refuse } from './refusal.ts';

/** Marks a request behind which nothing more is read from its connection. */
const last = Symbol('last');

type Marked = IncomingMessage & { [last]?: true };

/**
 * Serves a request when it is its turn.
 *
 * @param surplus the limit that its connection is over
 * @param handOver comes with those that ask for the connection: an upgrade, or CONNECT
 */
export type ServeAny = (
  request: ClientRequest,
  response: ClientResponse,
  surplus: Surplus | undefined,
  handOver?: HandOver,
) => void;

/** How long clients are waited for, in milliseconds. */
export interface Patience {
  /** From a connection's first moment to its first byte, and from a head's first byte to its end. */
  readonly head: number;
  /** From a response to the next request, at least. */
  readonly idle: number;
  /** How often it is looked whose `head` is late, and who is idle. */
  readonly look: number;
}

const patience: Patience = { head: 60_000, idle: stay, look: 5_000 };

/** What of the configuration a server needs; `patience` is given only by those who want to see it end. */
export type ServerLimits = Pick<Config['limits'], 'header'> & { readonly patience?: Patience };

/** What Node says of a client that takes too long for a head. */
const tooLate = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/** How Node's server reads requests: strictly, and with the configured limits. */
export function serverOptions({ header, patience: { head, idle, look } = patience }: ServerLimits): ServerOptions {
  return {
    maxHeaderSize: header,
    insecureHTTPParser: false,
    // Node would answer 400 by itself, without a problem document.
    requireHostHeader: false,
    keepAliveTimeout: idle,
    headersTimeout: head,
    connectionsCheckingInterval: look,
    // Since Node 24: a request without a body is no stream that begins and ends.
    optimizeEmptyRequests: true,
    // An upload may take as long as it moves; what stands still is ended by the route's own time-outs.
    requestTimeout: 0,
    // Asked since Node 22; before, every request with an Upgrade field comes as 'upgrade'. Node 26 hands no connection over
    // whose request has a body, so such a request is declined here, and is the connection's last: Node's parser drops what
    // came in one packet behind a request whose upgrade was declined.
    shouldUpgradeCallback(request: Marked) {
      if (!announcesBody(request)) return true;
      request[last] = true;
      return false;
    },
  } as ServerOptions;
}

/** Node's server with what this program wants of it: requests one after the other, and its connections in sight. */
export class HttpServer {
  readonly node: Server;
  readonly #serve: ServeAny;
  readonly #clients: Clients;
  readonly #idle: IdleClients;
  readonly #silent: Silence;
  /**
   * Each with its fast path, or with how many bytes had come when Node's parser got the connection: since then, if no more have, no
   * request has.
   */
  readonly #sockets = new Map<Socket, number | FastPath>();
  readonly #host: FastPathHost & { limit: number };
  /** Node's own listener for connections, which reads them. */
  readonly #toNode: (socket: Socket) => void;
  /** How many connections have come so far. */
  accepted = 0;

  /** @param clients where its connections are counted, with those of others */
  constructor(limits: ServerLimits, serve: ServeAny, clients: Clients) {
    const { head, idle, look } = limits.patience ?? patience;
    this.#serve = serve;
    this.#clients = clients;
    this.#idle = new IdleClients(idle, look);
    this.#silent = { patience: head, tell: (socket) => refuse(tooLate, socket) };
    this.node = createServer(serverOptions(limits), this.#inTurn);
    // With a listener Node neither answers 100 nor 417 by itself.
    this.node.on('checkContinue', this.#inTurn);
    this.node.on('checkExpectation', this.#inTurn);
    // Node would drop what comes behind the 2,000th field, even those that frame the message; `limits.header` bounds them.
    this.node.maxHeadersCount = 0;
    this.node.on('clientError', refuse);
    const [read] = this.node.listeners('connection') as [(socket: Socket) => void];
    this.#toNode = read.bind(this.node);
    this.node.removeListener('connection', read);
    this.node.on('connection', this.#connected);
    this.#host = {
      limit: limits.header,
      heads: new HeadsOfClient(),
      serve: (request, response) => this.#begin(request, response),
      toNode: (socket, unread) => {
        this.#sockets.set(socket, socket.bytesRead - unread);
        this.#toNode(socket);
      },
    };
    this.node.on('upgrade', (request, socket, head) => {
      const handed = this.#handOver(request, socket as Socket, head);
      if (mayUpgrade(request)) handed.serve(this.#serveHanded);
      else handed.reread(plainHead(request, announcesBody(request)));
    });
    this.node.on('connect', (request, socket, head) => {
      this.#handOver(request, socket as Socket, head).serve(this.#serveHanded);
    });
  }

  /** Another limit for connections from now on, and those that are still on the fast path. */
  limit({ header }: Pick<Config['limits'], 'header'>): void {
    // What Node's server is made with, it reads for each connection.
    (this.node as Server & { maxHeaderSize: number }).maxHeaderSize = header;
    this.#host.limit = header;
    // They may be over it; those of a connection stay with it.
    this.#host.heads.clear();
  }

  /** Ends connections without a request. */
  closeIdle(): void {
    this.node.closeIdleConnections();
    // For Node a connection is busy until its first request is over, even if it never sent a byte of one.
    for (const [socket, before] of this.#sockets) {
      if (before instanceof FastPath ? before.isIdle : socket.bytesRead === before) socket.destroy();
    }
  }

  /** Ends every connection; Node's own list lacks those that are no longer HTTP. */
  closeAll(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  readonly #connected = (socket: Socket): void => {
    // One that was handed over comes here again when it is given back.
    if (!this.#sockets.has(socket)) {
      this.accepted += 1;
      if (!this.#clients.admit(socket)) return;
      endGently(socket, () => this.#clients.dismiss(socket));
      socket.once('close', () => this.#sockets.delete(socket));
      const path = new FastPath(socket, this.#host);
      this.#idle.watch(socket, this.#silent, path);
      this.#sockets.set(socket, path);
      return;
    }
    this.#sockets.set(socket, socket.bytesRead - socket.readableLength);
    this.#toNode(socket);
  };

  /**
   * Pipelined requests are served one after the other (RFC 9112 section 9.3.2 forbids more unless all are safe), and one whose
   * client has left meanwhile never begins. Node gives a response its socket when it is its turn.
   */
  readonly #inTurn = (request: Marked, response: ServerResponse): void => {
    // The connection ends behind a response that has left already.
    if (!request.socket.writable) return;
    if (request[last] === true || !mayPersist(request)) response.shouldKeepAlive = false;
    if (response.socket !== null) this.#begin(request, response);
    else awaitTurn(response, () => this.#begin(request, response));
  };

  #begin(request: ClientRequest, response: ClientResponse): void {
    this.#serve(request, response, this.#clients.surplusOf(request.socket));
  }

  readonly #serveHanded = (request: IncomingMessage, response: ServerResponse, handed: HandOver): void =>
    this.#serve(request, response, this.#clients.surplusOf(handed.socket), handed);

  #handOver(request: IncomingMessage, socket: Socket, head: Buffer): HandOver {
    return new HandOver(request, socket, head, (again) => this.node.emit('connection', again));
  }
}
