import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { offeredVersions, tls12 } from './client-hello.ts';
import type { Pki } from './pki.ts';

/** The demo's upstreams, in the order in which they are shown. */
export const upstreamNames = ['modern', 'resets', 'legacy', 'rejects'] as const;
export type UpstreamName = (typeof upstreamNames)[number];

/** What every upstream of the demo answers: what it saw of the connection, and of the request. */
export interface Answer {
  readonly upstream: UpstreamName;
  readonly protocol: string;
  /** Common name of the client certificate. */
  readonly clientCertificate: string;
  readonly method: string;
  readonly path: string;
}

/** Running upstreams; all listen on 127.0.0.1. */
export interface Upstreams {
  readonly ports: Readonly<Record<UpstreamName, number>>;
  /** Ends every connection and stops listening; may be called twice. */
  close(): Promise<void>;
}

/**
 * Starts four real TLS servers on free ports of 127.0.0.1. All demand a client certificate:
 * `modern` speaks TLS 1.2 and 1.3; `resets` resets every ClientHello offering more than TLS 1.2 and speaks TLS 1.2;
 * `legacy` speaks only TLS 1.0; `rejects` trusts another authority than the one that issued `pki.client`.
 */
export async function startUpstreams(pki: Pki): Promise<Upstreams> {
  const credentials: ServerOptions = { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true };
  const modern = answering('modern', { ...credentials, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  // Not able to speak TLS 1.3 itself: otherwise its answers would carry the downgrade sentinel of RFC 8446 section 4.1.3.
  const behindFront = answering('resets', { ...credentials, minVersion: 'TLSv1', maxVersion: 'TLSv1.2' });
  const resets = createTcpServer((socket) => guardVersions(socket, behindFront));
  const legacy = answering('legacy', {
    ...credentials,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    // OpenSSL 3 speaks TLS 1.0 only at security level 0.
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const rejects = answering('rejects', { ...credentials, ca: pki.foreignCa, minVersion: 'TLSv1.2' });

  const servers: Record<UpstreamName, TcpServer> = { modern, resets, legacy, rejects };
  const sockets = new Set<Socket>();
  const ports = {} as Record<UpstreamName, number>;
  for (const name of upstreamNames) {
    servers[name].on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {}); // a client may go away at any moment
      socket.once('close', () => sockets.delete(socket));
    });
  }
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(
      Object.values(servers).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  };
  try {
    for (const name of upstreamNames) {
      servers[name].listen(0, '127.0.0.1');
      await once(servers[name], 'listening');
      ports[name] = (servers[name].address() as AddressInfo).port;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, close };
}

function answering(upstream: UpstreamName, options: ServerOptions): Server {
  const server = createServer({ ...options, keepAliveTimeout: 60_000 }, (request: IncomingMessage, response) => {
    request.resume();
    request.once('end', () => answer(upstream, request, response));
  });
  // A refused handshake is an outcome that the demo shows, not a fault of this server.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function answer(upstream: UpstreamName, request: IncomingMessage, response: ServerResponse): void {
  const socket = request.socket as TLSSocket;
  const subject = socket.getPeerX509Certificate()?.subject ?? '';
  const body: Answer = {
    upstream,
    protocol: socket.getProtocol() ?? '',
    clientCertificate: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
    method: request.method ?? '',
    path: request.url ?? '',
  };
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Reads the ClientHello of `socket`; resets the connection if it offers more than TLS 1.2, else leaves it to `server`. */
function guardVersions(socket: Socket, server: Server): void {
  let seen = Buffer.alloc(0);
  const read = (): void => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) seen = Buffer.concat([seen, chunk]);
    const versions = offeredVersions(seen);
    if (versions === undefined) return;
    socket.off('readable', read);
    if (versions.some((version) => version > tls12)) {
      socket.resetAndDestroy();
      return;
    }
    socket.unshift(seen);
    server.emit('connection', socket);
  };
  socket.on('readable', read);
}
