import type { Socket } from 'node:net';

/** So many turns of the event loop without a byte say that the kernel has no more. */
const quietTurns = 2;

type Done = (error?: Error | null) => void;

/**
 * Has a socket whose peer takes nothing more still give what the peer had said before. A server that answers before it has
 * read all, and closes, resets the connection under what it has not read (RFC 9112 section 9.6). Its answer has arrived by then,
 * but whoever writes next is told of the reset first, and Node destroys a socket whose write fails, with all that is unread.
 * So that a write has failed is told only when nothing more can be read.
 *
 * @param raw the TCP socket under it
 * @param refused called at once when a write fails
 */
export function hearOut(socket: Socket, raw: Socket, refused: () => void): void {
  const { _write: write, _writev: writev } = socket;
  // A stream has one write at a time, and takes no other before it is told how that ended.
  let done: Done;
  const settle: Done = (error) => {
    if (!error || socket.destroyed) {
      done(error);
      return;
    }
    refused();
    whenQuiet(socket, raw, () => done(error));
  };
  socket._write = (chunk, encoding, callback) => {
    done = callback;
    write.call(socket, chunk, encoding, settle);
  };
  socket._writev = (chunks, callback) => {
    done = callback;
    writev?.call(socket, chunks, settle);
  };
}

/** Calls when what the kernel had has been read, as far as the socket is not held back; or never, if it is destroyed before. */
function whenQuiet(socket: Socket, raw: Socket, tell: () => void): void {
  let before = raw.bytesRead;
  let quiet = 0;
  const look = (): void => {
    if (socket.destroyed) return;
    if (socket.isPaused()) {
      socket.once('resume', look);
      return;
    }
    quiet = raw.bytesRead === before ? quiet + 1 : 0;
    before = raw.bytesRead;
    if (quiet < quietTurns) setImmediate(look);
    else tell();
  };
  setImmediate(look);
}
