import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long the rest of a request is read and dropped that was answered before it was whole, in milliseconds. */
const lingering = 30_000;

/**
 * Ends the connection of a request that was answered and is still not whole after some time. Not at once: a client that is still
 * sending would be reset before it sees the answer (RFC 9112 section 9.6).
 *
 * @param bound milliseconds
 */
export function linger(request: IncomingMessage, bound: number = lingering): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, bound).unref();
  request.once('close', () => clearTimeout(timer));
}

/**
 * Has a connection that ends with this request close in two steps, if the request is answered before it is whole: our side
 * first, the rest when all has been read (RFC 9112 section 9.6). Closed at once over bytes that nobody has read, it would be
 * reset, and its client may lose the end of the answer.
 *
 * Only where the client said so itself: then the parser takes nothing behind the request.
 */
export function closeInSteps(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || !isLast(request)) return;
  const close = socket.destroySoon;
  socket.destroySoon = () => {
    socket.destroySoon = close;
    if (request.complete) {
      socket.destroySoon();
      return;
    }
    socket.end();
    request.once('close', () => socket.destroySoon());
  };
}

/** Whether the client said that nothing follows on its connection (RFC 9112 section 9.3). */
function isLast({ headers, httpVersionMinor }: IncomingMessage): boolean {
  const wishes = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  return wishes.includes('close') || (httpVersionMinor === 0 && !wishes.includes('keep-alive'));
}

/**
 * Calls when a client has taken nothing of what is left of an ended response for some time.
 *
 * @param idle milliseconds
 */
export function expectTaken(response: ServerResponse, idle: number, expire: () => void): void {
  const { socket } = response;
  if (socket === null) return;
  // Node counts here what the kernel takes of one write as well, and its own listener would end the connection.
  socket.setTimeout(idle);
  socket.prependListener('timeout', expire);
  response.once('finish', () => void socket.removeListener('timeout', expire));
}
