import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatListen } from '../config/addresses.ts';
import type { Config, ListenAddress } from '../config/config.ts';
import { ProxyError } from '../errors.ts';
import { isTlsInside } from '../proxy/connect.ts';
import { HandOver } from '../proxy/hand-over.ts';
import { problem, proxyStatus } from '../proxy/respond.ts';
import { announcesBody, mayUpgrade, plainHead } from '../proxy/upgrade.ts';

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

/** Marks a request behind which nothing more is read from its connection. */
const last = Symbol('last');

type Marked = IncomingMessage & { [last]?: true };

/** Serves a request; `handOver` comes with those that ask for the connection: an upgrade, or CONNECT. */
export type ServeAny = (request: IncomingMessage, response: ServerResponse, handOver?: HandOver) => void;

/**
 * Listens on one address. Parsing is Node's, strict.
 *
 * @throws the system's error, for example with the code EADDRINUSE
 */
export async function listen(where: ListenAddress, limits: Config['limits'], serve: ServeAny): Promise<Listener> {
  const options: ServerOptions & { shouldUpgradeCallback(request: Marked): boolean } = {
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
    shouldUpgradeCallback(request) {
      if (!announcesBody(request)) return true;
      request[last] = true;
      return false;
    },
  };
  // Pipelined requests are served one after the other (RFC 9112 section 9.3.2 forbids more unless all are safe), and
  // one whose client has left meanwhile never begins. Node gives a response its socket when it is its turn.
  const inTurn = (request: Marked, response: ServerResponse): void => {
    if (request[last] === true) response.shouldKeepAlive = false;
    if (response.socket !== null) serve(request, response);
    else response.once('socket', () => serve(request, response));
  };
  const server = createServer(options, inTurn);
  // With a listener Node neither answers 100 nor 417 by itself.
  server.on('checkContinue', inTurn);
  server.on('checkExpectation', inTurn);
  server.maxConnections = limits.connections;
  // Node would drop what comes behind the 2,000th field, even those that frame the message; `limits.header` bounds them.
  server.maxHeadersCount = 0;
  server.on('clientError', refuse);
  // By how many bytes had come when Node's parser got the connection: since then, if no more have, no request has.
  const sockets = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    if (!sockets.has(socket)) socket.once('close', () => sockets.delete(socket));
    sockets.set(socket, socket.bytesRead - socket.readableLength);
  });
  const handOver = (request: IncomingMessage, socket: Socket, head: Buffer): HandOver =>
    new HandOver(request, socket, head, (again) => server.emit('connection', again));
  server.on('upgrade', (request, socket, head) => {
    const handed = handOver(request, socket as Socket, head);
    if (mayUpgrade(request)) handed.serve(serve);
    else handed.reread(plainHead(request, announcesBody(request)));
  });
  server.on('connect', (request, socket, head) => handOver(request, socket as Socket, head).serve(serve));
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

/** What Node's server keeps of a socket and of a response, and its own handling of 'clientError' looks at. */
type BusySocket = Socket & { _httpMessage?: (ServerResponse & { _last: boolean }) | null };

/** What Node says of bytes that are no HTTP. */
type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/**
 * What Node's parser refuses is answered like everything else, as far as the socket still takes an answer and nobody
 * would take it for another one's: a whole request before it gets its own response first, and then the connection ends.
 */
function refuse(error: ParserError, socket: BusySocket): void {
  const current = socket._httpMessage;
  if (!socket.writable || error.code === 'ECONNRESET' || isTlsInside(socket, error.rawPacket)) {
    socket.destroy();
    return;
  }
  if (current?.req.complete) {
    current._last = true;
    return;
  }
  if (current?.headersSent) {
    socket.destroy();
    return;
  }
  const failure = parserFailure(error);
  const body = `${JSON.stringify(problem(failure))}\n`;
  const head = [
    `HTTP/1.1 ${failure.status} ${reasons[failure.status] ?? 'Bad Request'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    `Proxy-Status: ${proxyStatus(failure)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Whatever works on the broken request hears of it by the close.
  if (current) socket.destroySoon();
}

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function parserFailure(error: NodeJS.ErrnoException): ProxyError {
  const options = { source: 'downstream', cause: error } as const;
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW': {
      const text = 'the head of the request is longer than `limits.header`';
      return new ProxyError('bad-request', text, { ...options, status: 431 });
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const text = 'the head of the request did not arrive in time';
      return new ProxyError('bad-request', text, { ...options, status: 408 });
    }
    default:
      return new ProxyError('bad-request', `the request is not valid HTTP/1.1 (${error.code})`, options);
  }
}
