/**
 * What Node itself costs: the least that a program of its public API can do here. It checks no request, reads of a response
 * only where its head ends, has no limits, time-outs or metrics, and logs nothing.
 *
 * `sockets` passes bytes, a TLS connection for each of the client's, as stunnel does. `server` puts Node's HTTP server before
 * TLS connections that are kept, or made for each request, with or without the session of the one before.
 * Arguments: sockets | server, port, upstream's port, kept | full | resumed.
 */
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

// Not imported: for a list of all that node:http exports, Node would load undici, which is 8 MiB.
const require = createRequire(import.meta.url);
const { readFileSync } = require('node:fs') as typeof import('node:fs');
const { createServer: createHttpServer } = require('node:http') as typeof import('node:http');
const { createServer } = require('node:net') as typeof import('node:net');
const { connect, createSecureContext } = require('node:tls') as typeof import('node:tls');

const [kind, port, upstream, way] = process.argv.slice(2);
const secureContext = createSecureContext({
  ca: readFileSync('ca.pem'),
  cert: readFileSync('client.crt'),
  key: readFileSync('client.key'),
});
const listen = { port: Number(port), host: '127.0.0.1', backlog: 4096 };
const head = `GET /x HTTP/1.1\r\nHost: localhost:${upstream}\r\n\r\n`;

/** The sessions to resume; each is used once. */
const sessions: Buffer[] = [];

function dial(connected?: () => void): TLSSocket {
  const options: ConnectionOptions = {
    host: 'localhost',
    port: Number(upstream),
    servername: 'localhost',
    secureContext,
  };
  const session = way === 'resumed' ? sessions.pop() : undefined;
  if (session !== undefined) options.session = session;
  const socket = connect(options, connected);
  socket.setNoDelay(true);
  socket.on('error', fail);
  if (way === 'resumed') socket.on('session', (ticket) => sessions.push(ticket));
  return socket;
}

/** The measuring fails with it, unless a client has left, as each does at the end of a turn. */
function fail(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
}

function passBytes(): void {
  createServer({ noDelay: true }, (client) => {
    const server = dial();
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => client.write(bytes));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    client.on('error', fail);
  }).listen(listen);
}

/** A connection for one response after the other, each in one piece, and whose it is now. */
type Line = TLSSocket & { response?: ServerResponse };

function serve(): void {
  const idle: Line[] = [];
  const server = createHttpServer((_request, response) => {
    const line = way === 'kept' ? idle.pop() : undefined;
    if (line !== undefined) ask(line, response);
    else open(response);
  });
  const open = (response: ServerResponse): void => {
    const line: Line = dial(() => ask(line, response));
    line.on('data', (bytes: Buffer) => {
      const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
      line.response?.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', `${body.length}`]);
      line.response?.end(body);
      if (way === 'kept') idle.push(line);
      else line.destroy();
    });
  };
  server.listen(listen);
}

function ask(line: Line, response: ServerResponse): void {
  line.response = response;
  line.write(head, 'latin1');
}

if (kind === 'sockets') passBytes();
else serve();
