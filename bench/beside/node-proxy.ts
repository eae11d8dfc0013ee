/**
 * The proxies that a Node programmer would write by hand: a server of Node's before http-proxy with a keep-alive agent, or
 * before undici's dispatcher. Equal to the others in what they verify; they log nothing.
 * Arguments: http-proxy | undici, port, upstream's port, TLS version or nothing.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent } from 'node:https';
import type { SecureVersion } from 'node:tls';
import httpProxy from 'http-proxy';
import { Pool } from 'undici';

const [library, port, upstream, version] = process.argv.slice(2);
const pinned = version ? { minVersion: version as SecureVersion, maxVersion: version as SecureVersion } : {};
const tls = {
  ca: readFileSync('ca.pem'),
  cert: readFileSync('client.crt'),
  key: readFileSync('client.key'),
  servername: 'localhost',
  ...pinned,
};
const target = `https://localhost:${upstream}`;
const pathOf = (url: string): string => url.replace(/^\/iot/, '');

function byHttpProxy(): (request: IncomingMessage, response: ServerResponse) => void {
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 1024 });
  const proxy = httpProxy.createProxyServer({ target, agent, changeOrigin: true });
  proxy.on('error', (_error, _request, response) => response.destroy());
  return (request, response) => {
    request.url = pathOf(request.url as string);
    proxy.web(request, response);
  };
}

function byUndici(): (request: IncomingMessage, response: ServerResponse) => void {
  const pool = new Pool(target, {
    connections: 1024,
    connect: tls,
    keepAliveTimeout: 600_000,
    keepAliveMaxTimeout: 600_000,
  });
  return (request, response) => {
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const body = headers['content-length'] === undefined ? null : request;
    pool.stream(
      { path: pathOf(request.url as string), method: request.method as 'GET', headers, body, opaque: response },
      ({ statusCode, headers: received, opaque }) => {
        const { connection: _c, 'keep-alive': _k, ...kept } = received;
        return (opaque as ServerResponse).writeHead(statusCode, kept as Record<string, string>);
      },
      (error) => {
        if (error !== null) response.destroy();
      },
    );
  };
}

const server = createServer(library === 'undici' ? byUndici() : byHttpProxy());
server.maxRequestsPerSocket = 0;
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
