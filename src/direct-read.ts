import { Socket } from 'node:net';

/**
 * Has what comes on a socket given to `received` at once, as its 'data' event would, but without the way through the stream: nothing
 * of a piece is noted, asked or kept that only a paused reader needs. Node gives each piece to the socket's `push`; what that does is
 * wanted only where somebody has paused it, where older pieces wait, and for the end. Then, and on any Node that should not call it,
 * the stream does as ever, so that `received` hears 'data' too; nothing else may, for it would miss what was given past it.
 *
 * @param received hears of each piece, in order; may pause the socket
 */
export function readDirectly(socket: Socket, received: (bytes: Buffer) => void): void {
  socket.on('data', received);
  socket.push = (bytes: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (bytes === null || socket.readableFlowing !== true || socket.readableLength > 0) {
      return Socket.prototype.push.call(socket, bytes, encoding);
    }
    received(bytes);
    return true;
  };
}

/** Ends {@link readDirectly}, if it was begun: from now on the socket's stream has all, and nobody listens to it. */
export function readByStream(socket: Socket): void {
  // Not deleted: V8 would keep the socket as a table from then on.
  socket.push = Socket.prototype.push;
  socket.removeAllListeners('data');
}
