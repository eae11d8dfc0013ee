import { Socket } from 'node:net';
import { readByStream } from '../direct-read.ts';

/** How long a client that has had its last answer may take to end its side, in milliseconds. */
const patience = 2_000;

/**
 * Has a client's connection end in such a way that the last answer can be read: our side ends at once, and what still comes is
 * dropped until the client ends too, or its time is up. Destroyed while the client sends, as by Node, the kernel would reset
 * the connection, and what the client has not read of the answer could be lost (RFC 9112 section 9.6).
 *
 * @param socket whose `destroySoon`, by which Node ends connections, does so from now on
 * @param ending called when our side ends and the client's may not have
 */
export function endGently(socket: Socket, ending: () => void): void {
  socket.destroySoon = () => {
    socket.destroySoon = Socket.prototype.destroySoon;
    if (socket.readableEnded || socket.destroyed) {
      socket.destroySoon();
      return;
    }
    // Node's parser, or whoever else read until now.
    readByStream(socket);
    socket.on('data', drop);
    socket.resume();
    socket.end();
    ending();
    const destroy = (): void => socket.destroySoon();
    const timer = setTimeout(destroy, patience);
    socket.once('end', destroy);
    socket.once('close', () => clearTimeout(timer));
  };
}

function drop(): void {}
