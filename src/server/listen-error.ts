import { formatListen } from '../config/addresses.ts';
import type { ListenAddress } from '../config/config.ts';
import { explained } from './bind.ts';

/** An address that cannot be listened on; the message says what to do. */
export class ListenError extends Error {
  /** The system's. */
  readonly code: string | undefined;
  readonly where: ListenAddress;

  /**
   * @param key of the configuration that names the address
   * @param cause the system's error
   * @param own a listener of this process that may be what is in the way, as its address
   */
  constructor(where: ListenAddress, key: 'listen' | 'admin', cause: NodeJS.ErrnoException, own?: string) {
    const text = ('unix' in where ? explainSocket(cause) : undefined) ?? explain(cause, key, own);
    super(`${formatListen(where)} ${text}`, { cause });
    this.code = cause.code;
    this.where = where;
  }
}

/** What the same code means of a Unix socket; undefined where it means the same. */
function explainSocket({ code }: NodeJS.ErrnoException): string | undefined {
  switch (code) {
    // libuv says EACCES for ENOENT, too.
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `cannot be made: its folder is not there, or this user may not write in it (systemd: RuntimeDirectory=)`;
    case 'ERR_ACCESS_DENIED':
      return "is forbidden by Node's permission model; a socket's path needs both --allow-fs-read and --allow-fs-write";
    default:
      return undefined;
  }
}

function explain({ code, message }: NodeJS.ErrnoException, key: string, own: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return own === undefined
        ? `is in use by another program; stop it, or change \`${key}\``
        : `is in use, by this proxy's own listener on ${own} it seems; to put one in the other's place, restart`;
    case 'ENOTSOCK':
      return `is no socket; remove it, or change \`${key}\``;
    case 'ENAMETOOLONG':
      return `is too long for a socket, whose path has 107 bytes at most; change \`${key}\``;
    case 'EACCES':
      return `is not for this user to listen on; use a port above 1023, or change \`${key}\``;
    case 'ERR_ACCESS_DENIED':
      return "is forbidden by Node's permission model, which lets nobody listen without --allow-net";
    case 'EADDRNOTAVAIL':
      return `is not an address of this machine; change \`${key}\``;
    case explained:
      return `cannot be listened on: ${message}`;
    default:
      return `cannot be listened on (${message}); change \`${key}\``;
  }
}
