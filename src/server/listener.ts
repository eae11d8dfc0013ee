import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatListen } from '../config/addresses.ts';
import type { Config, ListenAddress } from '../config/config.ts';
import { HandOver } from '../proxy/hand-over.ts';
import type { Owner } from '../proxy/socket-owners.ts';
import { announcesBody, mayUpgrade, plainHead } from '../proxy/upgrade.ts';
import { setOwner } from '../proxy/users.ts';
import { mayPersist } from './persistence.ts';
import { awaitTurn, refuse } from './refusal.ts';
import { isOpen, makeWay, permit } from './unix-socket.ts';

/** One address on which plain HTTP is taken. */
export interface Listener {
  /** As the configuration names it; what `match.listen` means. */
  readonly name: string;
  /** What it really listens on: `127.0.0.1:43210`, `[::1]:8080`, `unix:/run/p.sock`. */
  readonly address: string;
  /** Other limits from now on: `header` for new connections, `connections` at once. */
  limit(limits: ListenerLimits): void;
  /** Another mode of the Unix socket. @throws the system's error */
  changeMode(mode: number): void;
  /** Takes no new connection; resolves when the last one has ended. */
  close(): Promise<void>;
  /** Ends connections without a request. */
  closeIdle(): void;
  /** Ends every connection. */
  closeAll(): void;
}

/** What of `limits` is a listener's: `connections` are those of all listeners together. */
export type ListenerLimits = Pick<Config['limits'], 'header' | 'connections'>;

/** So many connections over the limit are kept until they have heard why; more are closed without a word. */
const surplusKept = 64;

/** Marks a request behind which nothing more is read from its connection. */
const last = Symbol('last');

type Marked = IncomingMessage & { [last]?: true };

/**
 * Serves a request when it is its turn.
 *
 * @param surplus its connection is over the limit
 * @param handOver comes with those that ask for the connection: an upgrade, or CONNECT
 */
export type ServeAny = (
  request: IncomingMessage,
  response: ServerResponse,
  surplus: boolean,
  handOver?: HandOver,
) => void;

/** How Node's server reads requests: strictly, and with the configured limits. */
export function serverOptions(limits: Pick<Config['limits'], 'header'>): ServerOptions {
  return {
    maxHeaderSize: limits.header,
    insecureHTTPParser: false,
    // Node would answer 400 by itself, without a problem document.
    requireHostHeader: false,
    keepAliveTimeout: 65_000,
    headersTimeout: 60_000,
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

/**
 * Listens on one address.
 *
 * @param limits `connections` of all listeners that share `clients`
 * @param serve called for each request when it is its turn; `surplus`: its connection is over the limit
 * @param clients the connections of the process
 * @throws the system's error, for example with the code EADDRINUSE
 */
export async function listen(
  where: ListenAddress,
  limits: ListenerLimits,
  serve: ServeAny,
  clients = new Set<Socket>(),
): Promise<Listener> {
  const surplus = new WeakSet<Socket>();
  let most = limits.connections;
  /** Whose connections come by a Unix socket. */
  let owner: Owner | undefined;
  // Pipelined requests are served one after the other (RFC 9112 section 9.3.2 forbids more unless all are safe), and
  // one whose client has left meanwhile never begins. Node gives a response its socket when it is its turn.
  const inTurn = (request: Marked, response: ServerResponse): void => {
    // The connection ends behind a response that has left already.
    if (!request.socket.writable) return;
    if (request[last] === true || !mayPersist(request)) response.shouldKeepAlive = false;
    const over = surplus.has(request.socket);
    if (response.socket !== null) serve(request, response, over);
    else awaitTurn(response, () => serve(request, response, over));
  };
  const server = createServer(serverOptions(limits), inTurn);
  // With a listener Node neither answers 100 nor 417 by itself.
  server.on('checkContinue', inTurn);
  server.on('checkExpectation', inTurn);
  // Node would drop what comes behind the 2,000th field, even those that frame the message; `limits.header` bounds them.
  server.maxHeadersCount = 0;
  server.on('clientError', refuse);
  // By how many bytes had come when Node's parser got the connection: since then, if no more have, no request has.
  const sockets = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    // One that was handed over comes here again when it is given back.
    if (!sockets.has(socket)) {
      if (clients.size >= most + surplusKept) {
        socket.destroy();
        return;
      }
      if (clients.size >= most) surplus.add(socket);
      clients.add(socket);
      if (owner !== undefined) setOwner(socket, owner);
      socket.once('close', () => {
        sockets.delete(socket);
        clients.delete(socket);
      });
    }
    sockets.set(socket, socket.bytesRead - socket.readableLength);
  });
  const serveHanded = (request: IncomingMessage, response: ServerResponse, handed: HandOver): void =>
    serve(request, response, surplus.has(handed.socket), handed);
  const handOver = (request: IncomingMessage, socket: Socket, head: Buffer): HandOver =>
    new HandOver(request, socket, head, (again) => server.emit('connection', again));
  server.on('upgrade', (request, socket, head) => {
    const handed = handOver(request, socket as Socket, head);
    if (mayUpgrade(request)) handed.serve(serveHanded);
    else handed.reread(plainHead(request, announcesBody(request)));
  });
  server.on('connect', (request, socket, head) => handOver(request, socket as Socket, head).serve(serveHanded));
  if ('unix' in where) await makeWay(where.unix);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('unix' in where ? { path: where.unix } : { host: where.host, port: where.port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  if ('unix' in where) {
    try {
      owner = permit(where.unix, where.mode);
    } catch (error) {
      server.close();
      throw error;
    }
  }
  return {
    name: formatListen(where),
    address: addressOf(server, where),
    limit({ header, connections }) {
      // What Node's server is made with, it reads for each connection.
      (server as Server & { maxHeaderSize: number }).maxHeaderSize = header;
      most = connections;
    },
    changeMode: (mode) => {
      if ('unix' in where) permit(where.unix, mode);
      owner = isOpen;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
    closeIdle: () => {
      server.closeIdleConnections();
      // For Node a connection is busy until its first request is over, even if it never sent a byte of one.
      for (const [socket, before] of sockets) if (socket.bytesRead === before) socket.destroy();
    },
    // Node's own list lacks those that are no longer HTTP.
    closeAll: () => {
      for (const socket of sockets.keys()) socket.destroy();
    },
  };
}

function addressOf(server: Server, where: ListenAddress): string {
  const bound = server.address();
  if ('unix' in where || bound === null || typeof bound === 'string') return formatListen(where);
  return formatListen({ host: bound.address, port: bound.port });
}
