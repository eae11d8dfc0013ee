import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { isPrivate } from '../config/addresses.ts';
import type { Owner } from '../proxy/socket-owners.ts';

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

/**
 * Gives a socket its mode.
 *
 * @returns who connects to it: where its mode lets in its owner only, that is the one
 * @throws the system's error
 */
export function permit(path: string, mode: number): Owner {
  chmodSync(path, mode);
  return isPrivate(mode) ? { uid: lstatSync(path).uid } : isOpen;
}

/** Who connects to a socket that was open to several users at some time, for they may still be waiting to be accepted. */
export const isOpen: Owner = {
  unknown: 'its Unix socket is open to more than one user, or was since the proxy was started; restart it',
};

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
