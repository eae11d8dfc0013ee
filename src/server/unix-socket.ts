import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/** Bytes that a path may have (unix(7), without the zero at its end); a longer one would be cut off in silence. */
const longestPath = 107;

/**
 * Makes way for a Unix socket: what a program that is gone has left behind is removed.
 *
 * @param path of the socket
 * @throws EADDRINUSE if a program listens on it, ENOTSOCK if something else lies there, ENAMETOOLONG; with its `address`
 */
export async function makeWay(path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestPath) throw failure('ENAMETOOLONG', path);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw failure('ENOTSOCK', path);
  if (await isLive(path)) throw failure('EADDRINUSE', path);
  unlinkSync(path);
}

/** Whether somebody takes connections; also if that cannot be found out, so that nobody's socket is taken away. */
function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}

function failure(code: string, address: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${address}`), { code, address });
}
