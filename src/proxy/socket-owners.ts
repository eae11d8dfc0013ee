import { promises } from 'node:fs';
import { isIPv4, type Socket } from 'node:net';
import { endianness } from 'node:os';

/** The two ends of a TCP connection, as Node tells them; undefined once it is closed. */
export type Ends = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

/** The user whose program opened the other end of a connection, or in words why that is not known. */
export type Owner = { readonly uid: number } | { readonly unknown: string };

/** Of a connection whose other end no program has open any more. */
export const orphaned: Owner = { unknown: 'its program has closed it' };

/** A row of the kernel's table of TCP sockets. */
export interface SocketRow {
  /** Its own end and the other one, in the kernel's spelling; see {@link keysOf}. */
  readonly key: string;
  /** Of `enum tcp_state`. */
  readonly state: number;
  readonly uid: number;
  /** 0 once no program has it open. */
  readonly inode: number;
}

/** What {@link SocketOwners} read; given only by those who want to see them work. */
export interface TableMeans {
  /** A file's text in pieces. Throws the system's error. */
  readonly pieces?: (file: string) => AsyncIterable<string>;
  /** A whole file. Throws the system's error. */
  readonly text?: (file: string) => Promise<string>;
}

const tables = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/** Rows come and go while the table is read, which may hide others (proc(5) promises no snapshot): a miss is looked at again. */
const looks = 3;

interface Search {
  readonly keys: readonly string[];
  readonly resolve: (owner: Owner) => void;
  looksLeft: number;
  found: Owner | undefined;
}

/**
 * Who opened the other ends of connections from this machine: on Linux, the kernel's table of the sockets of this network
 * namespace says so (proc(5), `/proc/net/tcp`). One reading serves all who ask until it begins, and happens off the main
 * thread, a page at a time, so that thousands of sockets hold up nobody.
 */
export class SocketOwners {
  readonly #means: Required<TableMeans>;
  #waiting: Search[] = [];
  #reading = false;
  #overflow: Promise<number | undefined> | undefined;

  constructor(means: TableMeans = {}) {
    this.#means = { pieces, text: (file) => promises.readFile(file, 'latin1'), ...means };
  }

  /** The user at the other end. Never rejects. */
  find(ends: Ends): Promise<Owner> {
    const keys = keysOf(ends);
    if (keys.length === 0) return Promise.resolve({ unknown: 'it is closed already' });
    return new Promise((resolve) => {
      this.#waiting.push({ keys, resolve, looksLeft: looks, found: undefined });
      if (!this.#reading) void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (this.#waiting.length > 0) {
      const searches = this.#waiting;
      this.#waiting = [];
      const missing = await this.#look(searches).catch((error: NodeJS.ErrnoException) => {
        for (const search of searches) search.found ??= { unknown: `/proc/net/tcp cannot be read (${error.code})` };
        return [];
      });
      for (const search of searches) {
        if (search.found !== undefined) search.resolve(search.found);
      }
      this.#waiting.push(...missing);
    }
    this.#reading = false;
  }

  /** @returns those that are to be looked for once more */
  async #look(searches: readonly Search[]): Promise<Search[]> {
    const wanted = new Map(searches.flatMap((search) => search.keys.map((key) => [key, search] as const)));
    const left = new Set(searches);
    this.#overflow ??= this.#overflowUid();
    const overflow = await this.#overflow;
    await Promise.all(
      tables.map(async (table) => {
        for await (const lines of this.#lines(table)) {
          for (const line of lines) {
            const row = parseRow(line);
            const search = row && wanted.get(row.key);
            if (search === undefined) continue;
            search.found = ownerIn(row as SocketRow, overflow);
            left.delete(search);
          }
          if (left.size === 0) return;
        }
      }),
    );
    for (const search of left) {
      search.looksLeft -= 1;
      if (search.looksLeft > 0) continue;
      left.delete(search);
      search.found = { unknown: 'it comes from another machine or container' };
    }
    return [...left];
  }

  /** The whole lines of each piece. */
  async *#lines(table: string): AsyncGenerator<string[]> {
    let rest = '';
    try {
      for await (const piece of this.#means.pieces(table)) {
        const lines = (rest + piece).split('\n');
        rest = lines.pop() as string;
        yield lines;
      }
    } catch (error) {
      // A machine without IPv6 has no table of it.
      if (table === tables[1] && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
  }

  /** What stands for all users that this user namespace has no number for (user_namespaces(7)); undefined: it has one for all. */
  async #overflowUid(): Promise<number | undefined> {
    const read = (file: string) => this.#means.text(file).catch(() => '');
    if (/^\s*0\s+0\s+4294967295\s*$/m.test(await read('/proc/self/uid_map'))) return undefined;
    return Number((await read('/proc/sys/kernel/overflowuid')) || 65_534);
  }
}

/** A row as proc(5) describes it; undefined for the heading and for what is no row. */
export function parseRow(line: string): SocketRow | undefined {
  const [, key, state = '', uid, inode] =
    /^ *\d+: ((?:[\dA-F]{8}){1,4}:[\dA-F]{4} (?:[\dA-F]{8}){1,4}:[\dA-F]{4}) ([\dA-F]{2}) \S+ \S+ \S+ +(\d+) +\d+ (\d+)(?: |$)/.exec(
      line,
    ) ?? [];
  if (key === undefined) return undefined;
  return { key, state: Number.parseInt(state, 16), uid: Number(uid), inode: Number(inode) };
}

/**
 * By what the row of a connection's other end is found: what is remote to us is its own. One of IPv4 may be in either table,
 * in that of IPv6 as a mapped address (RFC 4291 section 2.5.5.2).
 */
export function keysOf({ localAddress, localPort, remoteAddress, remotePort }: Ends): readonly string[] {
  if (localAddress === undefined || remoteAddress === undefined) return [];
  const own = bytesOf(localAddress);
  const peer = bytesOf(remoteAddress);
  const key = (from: number) =>
    `${spell(peer.subarray(from))}:${spellPort(remotePort)} ${spell(own.subarray(from))}:${spellPort(localPort)}`;
  return peer.subarray(0, 12).equals(mapped) ? [key(12), key(0)] : [key(0)];
}

const mapped = Buffer.from('00000000000000000000ffff', 'hex');

/** In `enum tcp_state`: SYN_SENT, SYN_RECV, TIME_WAIT, CLOSE, LISTEN, NEW_SYN_RECV. No connection of ours has such an end. */
const unconnected: ReadonlySet<number> = new Set([2, 3, 6, 7, 10, 12]);

function ownerIn({ state, uid, inode }: SocketRow, overflow: number | undefined): Owner {
  // The kernel names nobody, or root, as the owner of a socket that no program has open.
  if (inode === 0 || unconnected.has(state)) return orphaned;
  if (uid === overflow) return { unknown: `${uid} stands for every user that this user namespace does not know` };
  return { uid };
}

/** The 16 bytes of an address; of IPv4 the mapped one. */
function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from([...mapped, ...address.split('.').map(Number)]);
  // A URL spells every address alike.
  const text = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [before = [], after = []] = text.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** As the kernel prints it: words of four bytes, each in the byte order of the machine. */
function spell(bytes: Buffer): string {
  const words = endianness() === 'LE' ? Buffer.from(bytes).swap32() : bytes;
  return words.toString('hex').toUpperCase();
}

function spellPort(port = 0): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

async function* pieces(file: string): AsyncGenerator<string> {
  const handle = await promises.open(file);
  try {
    // The kernel gives no more than a page at a time.
    const buffer = Buffer.allocUnsafe(16_384);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.toString('latin1', 0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
