import { fstatSync, readFileSync } from 'node:fs';
import * as net from 'node:net';
import { formatListen, isLoopback } from '../config/addresses.ts';
import type { InheritedSockets, ListenAddress } from '../config/config.ts';
import { makeWay, SocketFile } from './unix-socket.ts';

/** What takes connections by a server of Node's. */
export interface Host {
  readonly node: net.Server;
}

/** A socket that is listened on. */
export interface Bound<S extends Host = Host> {
  /** Takes its connections. */
  readonly server: S;
  /** What it really is: `127.0.0.1:43210`, `[::1]:8080`, `unix:/run/p.sock`. */
  readonly address: string;
  readonly family: 'tcp' | 'unix';
  /** Whether other machines reach it. */
  readonly isExposed: boolean;
  /** The file of a Unix socket that was made here. */
  readonly file?: SocketFile;
}

/**
 * What is known of other processes that listen on the same: there is none (`alone`), or it is one of several, of which the first has
 * made way and binds for all (`member`).
 */
export type Company = 'alone' | 'member';

/** The code of an error whose message is for people. */
export const explained = 'explained';

/**
 * Listens on every socket that an address of the configuration stands for: two for `localhost`, and any number that systemd has
 * opened.
 *
 * @param create makes a server for each
 * @param company undefined: nobody knows, as within another program, which may be one of several
 * @throws the system's error, or one with the code {@link explained}; then none is listened on
 */
export async function bind<S extends Host>(
  where: ListenAddress,
  create: () => S,
  company?: Company,
): Promise<readonly Bound<S>[]> {
  if ('unix' in where) {
    if (company !== 'member') await makeWay(where.unix);
    return [await bindPath(where, create())];
  }
  if ('systemd' in where) return bindInherited(where, create);
  if (where.host === 'localhost') return bindLocalhost(where.port, create);
  return [await bindAddress((company === 'alone' && boundAddress(where)) || where, create())];
}

/** Of Node 24.21 on; its types do not know it yet. */
const { BoundSocket } = net as {
  readonly BoundSocket?: new (where: { host: string; port: number }) => net.ListenOptions;
};

/**
 * What `listen` takes in the place of an address of IPv4. Given one, Node asks if it is one of IPv6, and to compile its
 * pattern of those takes longer than all the rest of `listen`: 4 ms of a start.
 *
 * @returns undefined where Node has none, or it cannot be bound
 * @throws ERR_ACCESS_DENIED if Node's permission model forbids it
 */
function boundAddress({ host, port }: { host: string; port: number }): net.ListenOptions | undefined {
  if (BoundSocket === undefined || !net.isIPv4(host)) return undefined;
  try {
    return new BoundSocket({ host, port });
  } catch (error) {
    // `listen` has more words for the same; but what the permission model forbids it throws where nobody can catch it.
    if ((error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED') throw error;
    return undefined;
  }
}

async function bindAddress<S extends Host>(options: net.ListenOptions, server: S): Promise<Bound<S>> {
  await open(server, options);
  return boundOf(server, server.node.address() as net.AddressInfo);
}

function boundOf<S extends Host>(server: S, { address: host, port }: net.AddressInfo): Bound<S> {
  return { server, address: formatListen({ host, port }), family: 'tcp', isExposed: !isLoopback({ host, port }) };
}

async function bindPath<S extends Host>(where: { unix: string; mode: number }, server: S): Promise<Bound<S>> {
  await open(server, { path: where.unix });
  try {
    const file = new SocketFile(where.unix, where.mode);
    return { server, address: formatListen(where), family: 'unix', isExposed: false, file };
  } catch (error) {
    server.node.close();
    throw error;
  }
}

/** Both families, for programs try either first (RFC 6761 section 6.3); a machine may lack one. No name is looked up. */
async function bindLocalhost<S extends Host>(port: number, create: () => S, tries = 10): Promise<readonly Bound<S>[]> {
  let absent: unknown;
  const bound: Bound<S>[] = [];
  for (const host of ['127.0.0.1', '::1']) {
    const chosen = bound[0] === undefined ? port : (bound[0].server.node.address() as net.AddressInfo).port;
    try {
      bound.push(await bindAddress({ host, port: chosen }, create()));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      absent = error;
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') continue;
      closeAll(bound);
      // Of a port that the system chose, another one will do.
      if (code === 'EADDRINUSE' && port === 0 && tries > 1) return bindLocalhost(port, create, tries - 1);
      throw error;
    }
  }
  if (bound.length === 0) throw absent;
  return bound;
}

const nothing: InheritedSockets = {
  descriptors: [],
  missing: 'none was asked for',
  mayBeExposed: false,
  mayBeUnix: false,
};

/** Once closed, the number of a descriptor means something else. */
const taken = new Set<number>();

async function bindInherited<S extends Host>(
  where: { readonly systemd: string; readonly inherited?: InheritedSockets },
  create: () => S,
): Promise<readonly Bound<S>[]> {
  const sockets = where.inherited ?? nothing;
  if (sockets.missing !== undefined) throw failure(sockets.missing);
  const bound: Bound<S>[] = [];
  try {
    for (const descriptor of sockets.descriptors) {
      if (taken.has(descriptor)) {
        throw failure(
          `descriptor ${descriptor} is, or was, listened on by another listener of this process; restart it`,
        );
      }
      taken.add(descriptor);
      bound.push(await bindDescriptor(descriptor, create(), formatListen(where)));
    }
    checkInherited(bound, sockets);
  } catch (error) {
    closeAll(bound);
    throw error;
  }
  return bound;
}

async function bindDescriptor<S extends Host>(fd: number, server: S, name: string): Promise<Bound<S>> {
  try {
    await open(server, { fd });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw failure(
      `descriptor ${fd} is no stream socket to listen on (${code}); the .socket unit needs ListenStream= and Accept=no`,
    );
  }
  const bound = server.node.address() as net.AddressInfo | null;
  if (bound !== null) return boundOf(server, bound);
  // Among several processes the number is that of the first one.
  const own = (server.node as net.Server & { readonly _handle?: { readonly fd: number } })._handle?.fd;
  const path = pathOf(own ?? fd);
  return { server, address: path === undefined ? name : `unix:${path}`, family: 'unix', isExposed: false };
}

/**
 * What was opened elsewhere keeps to the configuration all the same.
 *
 * @throws an error with the code {@link explained}
 */
export function checkInherited(
  bound: readonly Pick<Bound, 'address' | 'family' | 'isExposed'>[],
  { mayBeExposed, mayBeUnix }: InheritedSockets,
): void {
  for (const { address, family, isExposed } of bound) {
    if (isExposed && !mayBeExposed) {
      throw failure(
        `${address} is no loopback address: whoever reaches it could use your client certificate; write ListenStream=127.0.0.1:PORT in the .socket unit, or "exposed: true" if that is meant`,
      );
    }
    if (family === 'unix' && !mayBeUnix) {
      throw failure(
        `${address} is a Unix socket that another program has opened, and who connects to it is not known here, as "guard: { users: … }" asks; leave "users" out and set SocketMode= in the .socket unit`,
      );
    }
  }
}

/** The path of a Unix socket, which only the kernel tells (proc(5), /proc/net/unix); undefined if it has none, or is not told. */
function pathOf(fd: number): string | undefined {
  try {
    const inode = String(fstatSync(fd).ino);
    const rows = readFileSync('/proc/net/unix', 'utf8').split('\n');
    const row = rows.find((line) => line.split(/\s+/)[6] === inode);
    return /^(?:\S+\s+){7}(\/.*)$/.exec(row ?? '')?.[1];
  } catch {
    return undefined;
  }
}

/** @param options with a descriptor, which Node takes and its types do not know */
function open({ node: server }: Host, options: net.ListenOptions & { readonly fd?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closeAll(bound: readonly Bound[]): void {
  for (const { server } of bound) server.node.close();
}

function failure(text: string): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code: explained });
}
