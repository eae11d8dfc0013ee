import { readFile } from 'node:fs/promises';
import { isIPv4, type Socket } from 'node:net';
import { endianness } from 'node:os';

/** A TCP socket as the kernel has it. */
export interface SocketRow {
  /** Of `enum tcp_state`: 1 is established, 4 is FIN-WAIT-1. */
  readonly state: number;
  /** Whose program opened it; 0 once no program has it open. */
  readonly uid: number;
  /** 0 once no program has it open. */
  readonly inode: number;
}

/** The two ends of a connection, as Node tells them. */
export type Ends = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

/** The TCP sockets of this machine, or of this container, as they were when they were read. */
export interface SocketTable {
  /** The other end of a connection; undefined if it is not on this machine. */
  peerOf(ends: Ends): SocketRow | undefined;
}

/**
 * Reads the kernel's table (proc(5), `/proc/net/tcp`), off the main thread; some milliseconds, and more with thousands of
 * sockets. Where there is none, as on systems other than Linux, it is empty. Never rejects.
 */
export async function readSocketTable(): Promise<SocketTable> {
  const [four, six] = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readOrNothing));
  return {
    peerOf({ localAddress, localPort, remoteAddress, remotePort }) {
      if (localAddress === undefined || remoteAddress === undefined) return undefined;
      const peer = wordsOf(remoteAddress);
      const own = wordsOf(localAddress);
      const find = (table: string, from: number): SocketRow | undefined =>
        rowOf(table, `${peer.slice(from)}:${portOf(remotePort)} ${own.slice(from)}:${portOf(localPort)} `);
      // A client of IPv4 may have its socket in either table.
      return (peer.startsWith(mapped) ? find(four as string, mapped.length) : undefined) ?? find(six as string, 0);
    },
  };
}

/** Whoever cannot read the table knows nothing from it, for whatever reason. */
function readOrNothing(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '');
}

/** `sl: local remote state queues timer retransmits uid timeout inode …` */
function rowOf(table: string, ends: string): SocketRow | undefined {
  const at = table.indexOf(`: ${ends}`);
  if (at === -1) return undefined;
  const [state = '', , , , uid, , inode] = table.slice(at + ends.length + 2, table.indexOf('\n', at)).split(/ +/);
  return { state: Number.parseInt(state, 16), uid: Number(uid), inode: Number(inode) };
}

function portOf(port: number | undefined): string {
  return (port ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** An address as IPv6 in the kernel's spelling: four words in hexadecimal, each in the byte order of the machine. */
function wordsOf(address: string): string {
  const text = isIPv4(address) ? `::ffff:${address}` : (address.split('%', 1)[0] as string);
  // A URL spells every address alike.
  const [head = '', tail = ''] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const bytes = Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
  return (endianness() === 'LE' ? bytes.swap32() : bytes).toString('hex').toUpperCase();
}

/** What stands before an address of IPv4 (RFC 4291 section 2.5.5.2). */
const mapped = wordsOf('0.0.0.0').slice(0, 24);
