import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatListen } from '../config/addresses.ts';
import type { Config, ListenAddress } from '../config/config.ts';
import { refuse } from './refusal.ts';

/** One address on which plain HTTP is taken. */
export interface Listener {
  /** As the configuration names it; what `match.listen` means. */
  readonly name: string;
  /** What it really listens on: `127.0.0.1:43210`, `[::1]:8080`, `unix:/run/p.sock`. */
  readonly address: string;
  /** Takes no new connection; resolves when the last one has ended. */
  close(): Promise<void>;
  /** Ends connections without a request. */
  closeIdle(): void;
  /** Ends every connection. */
  closeAll(): void;
}

/** So many connections over the limit are kept until they have heard why; more are closed without a word. */
const surplusKept = 64;

/** How Node's server reads requests: strictly, and with the configured limits. */
export function serverOptions(limits: Pick<Config['limits'], 'header'>): ServerOptions {
  return {
    maxHeaderSize: limits.header,
    insecureHTTPParser: false,
    requireHostHeader: true,
    keepAliveTimeout: 65_000,
    headersTimeout: 60_000,
    // An upload may take as long as it moves; what stands still is ended by the route's own time-outs.
    requestTimeout: 0,
  };
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
  limits: Config['limits'],
  serve: (request: IncomingMessage, response: ServerResponse, surplus: boolean) => void,
  clients = new Set<Socket>(),
): Promise<Listener> {
  const surplus = new WeakSet<Socket>();
  const server = createServer(
    serverOptions(limits),
    // Pipelined requests are served one after the other (RFC 9112 section 9.3.2 forbids more unless all are safe), and
    // one whose client has left meanwhile never begins. Node gives a response its socket when it is its turn.
    (request, response) => {
      const over = surplus.has(request.socket);
      if (response.socket !== null) serve(request, response, over);
      else response.once('socket', () => serve(request, response, over));
    },
  );
  // Node would drop what comes behind the 2,000th field, even those that frame the message; `limits.header` bounds them.
  server.maxHeadersCount = 0;
  server.on('clientError', refuse);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    if (clients.size >= limits.connections + surplusKept) {
      socket.destroy();
      return;
    }
    if (clients.size >= limits.connections) surplus.add(socket);
    sockets.add(socket);
    clients.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      clients.delete(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('unix' in where ? { path: where.unix } : { host: where.host, port: where.port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  if ('unix' in where) chmodSync(where.unix, where.mode);
  return {
    name: formatListen(where),
    address: addressOf(server, where),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
    closeIdle: () => {
      server.closeIdleConnections();
      // For Node a connection is busy until its first request is over, even if it never sent a byte of one.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
    closeAll: () => server.closeAllConnections(),
  };
}

function addressOf(server: Server, where: ListenAddress): string {
  const bound = server.address();
  if ('unix' in where || bound === null || typeof bound === 'string') return formatListen(where);
  return formatListen({ host: bound.address, port: bound.port });
}
