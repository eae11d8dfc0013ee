import { Socket } from 'node:net';
import type { ClientRequest, ClientResponse } from './client-message.ts';

/** How long the rest of a request is read and dropped that was answered before it was whole, in milliseconds. */
const lingering = 30_000;

/**
 * Ends the connection of a request that was answered and is still not whole after some time. Not at once: a client that is still
 * sending would be reset before it sees the answer (RFC 9112 section 9.6).
 *
 * @param bound milliseconds
 */
export function linger(request: ClientRequest, bound: number = lingering): void {
  const { socket } = request;
  if (request.complete || request.destroyed || socket.destroyed) return;
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, bound).unref();
  // Behind a response Node no longer tells a request that its connection is gone.
  const over = (): void => {
    clearTimeout(timer);
    socket.removeListener('close', over);
  };
  request.once('close', over);
  socket.once('close', over);
}

/**
 * Calls when a client has taken nothing of what is left of an ended response for some time. What was written last is looked at when
 * the kernel has been given it, which Node does at the end of the turn.
 *
 * @param idle milliseconds
 */
export function expectTaken(response: ClientResponse, idle: number, expire: () => void): void {
  const { socket } = response;
  if (socket === null || socket.writableLength === 0) return;
  if (socket.writableCorked > 0) {
    setImmediate(expectTaken, response, idle, expire);
    return;
  }
  // Node counts here what the kernel takes of one write as well, and its own listener would end the connection. What the socket
  // itself has by this name is only heard by the server.
  const setTimeout = Socket.prototype.setTimeout.bind(socket);
  setTimeout(idle);
  socket.prependListener('timeout', expire);
  response.once('finish', () => {
    socket.removeListener('timeout', expire);
    setTimeout(0);
  });
}
