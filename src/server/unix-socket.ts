import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { isPrivate } from '../config/addresses.ts';
import type { Owner } from '../proxy/socket-owners.ts';

/** Bytes that a path may have (unix(7), without the zero at its end); a longer one would be cut off in silence. */
const longestPath = 107;

/**
 * Makes way for a Unix socket: what a program that is gone has left behind is removed.
 *
 * @param path of the socket
 * @throws EADDRINUSE if a program listens on it, ENOTSOCK if something else lies there, ENAMETOOLONG, or the system's error
 */
export async function makeWay(path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestPath) throw failure('ENAMETOOLONG', path);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw failure('ENOTSOCK', path);
  const left = identityOf(path);
  // Another program may have done the same in the meantime, and listens by now.
  if ((await isLive(path)) || identityOf(path) !== left) throw failure('EADDRINUSE', path);
  unlinkSync(path);
}

/** A Unix socket that is listened on, as the file system has it. */
export class SocketFile {
  readonly #path: string;
  readonly #identity: string | undefined;
  readonly #uid: number;
  /** Ever since it was made: who came while it was open to others may wait to be accepted. */
  #isPrivate: boolean;

  /** @throws the system's error, as it cannot get the mode */
  constructor(path: string, mode: number) {
    const made = lstatSync(path);
    this.#path = path;
    this.#identity = identityOf(path);
    this.#uid = made.uid;
    this.#isPrivate = !mayConnect(made.mode);
    this.permit(mode);
  }

  /** Another mode. @throws the system's error */
  permit(mode: number): void {
    if ((lstatSync(this.#path).mode & 0o777) !== mode) chmodSync(this.#path, mode);
    this.#isPrivate &&= isPrivate(mode);
  }

  /** Who connects to it: where it always let in its owner only, that is the one. */
  get owner(): Owner {
    if (this.#isPrivate) return { uid: this.#uid };
    return { unknown: 'its Unix socket is open to more than one user, or was since the proxy was started; restart it' };
  }

  /**
   * Closes the listener, by which libuv removes what lies at the path, whatever it is: that of another program, which has
   * taken the place since, is put aside as long.
   *
   * @param close removes within its call
   */
  close(close: () => void): void {
    const there = identityOf(this.#path);
    if (there === undefined || there === this.#identity) {
      close();
      return;
    }
    const aside = besides(this.#path);
    try {
      renameSync(this.#path, aside);
    } catch {
      // Who may not rename it may not remove it either.
      close();
      return;
    }
    close();
    renameSync(aside, this.#path);
  }
}

/**
 * The places of Unix sockets that somebody else closes: node:cluster, in the process that has made them for others. What another
 * program has put there is kept from being removed with them.
 */
export class SocketPlaces {
  readonly #identities = new Map<string, string>();

  /** Notes the sockets that lie there now, but for those that are noted already. @param paths all that there are */
  note(paths: readonly string[]): void {
    for (const path of this.#identities.keys()) if (!paths.includes(path)) this.#identities.delete(path);
    for (const path of paths) {
      const identity = identityOf(path);
      if (identity !== undefined && !this.#identities.has(path)) this.#identities.set(path, identity);
    }
  }

  /** Sees to it that others' sockets are there behind a deed that may close ours. */
  async spare<T>(deed: () => Promise<T>): Promise<T> {
    const spared = [...this.#identities].flatMap(([path, identity]) => {
      const there = identityOf(path);
      return there === undefined || there === identity ? [] : (nameAgain(path) ?? []);
    });
    try {
      return await deed();
    } finally {
      for (const { path, again } of spared) {
        if (identityOf(path) === undefined) renameSync(again, path);
        else unlinkSync(again);
      }
    }
  }
}

/** A second name of a file; undefined if it cannot have one, as another user's cannot. */
function nameAgain(path: string): { readonly path: string; readonly again: string } | undefined {
  const again = besides(path);
  try {
    linkSync(path, again);
    return { path, again };
  } catch {
    return undefined;
  }
}

const besides = (path: string): string => `${path}.${randomBytes(4).toString('hex')}`;

/** Whether others than the owner can connect, which takes the right to write (unix(7)). */
const mayConnect = (mode: number): boolean => (mode & 0o022) !== 0;

/** What tells a file from another that takes its place; undefined if there is none. */
function identityOf(path: string): string | undefined {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there === undefined ? undefined : `${there.dev} ${there.ino} ${there.birthtimeNs}`;
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
