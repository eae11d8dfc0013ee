import { formatListen } from '../config/addresses.ts';
import type { ListenAddress } from '../config/config.ts';
import { setOwner } from '../proxy/client-users.ts';
import { type Bound, bind, type Company, checkInherited } from './bind.ts';
import { Clients, type ConnectionLimits } from './clients.ts';
import { HttpServer, type ServeAny, type ServerLimits } from './http-server.ts';

export type { ServeAny } from './http-server.ts';

/** One address of the configuration on which plain HTTP is taken, with all the sockets that it stands for. */
export interface Listener {
  /** As the configuration names it; what `match.listen` means. */
  readonly name: string;
  /** What it really listens on. */
  readonly sockets: readonly Pick<Bound, 'address' | 'isExposed'>[];
  /** Another size of heads for new connections. */
  limit(limits: ListenerLimits): void;
  /** What of its address may change while it is open: the mode of a Unix socket. @throws the system's error, or that it may not be */
  adapt(where: ListenAddress): void;
  /** How many connections have come so far. */
  readonly accepted: number;
  /** Takes no new connection; resolves when the last one has ended. */
  close(): Promise<void>;
  /** Ends connections without a request. */
  closeIdle(): void;
  /** Ends every connection. */
  closeAll(): void;
}

/** What of `limits` is a listener's: the numbers of connections are those of all listeners together. */
export type ListenerLimits = ServerLimits & ConnectionLimits;

/**
 * Listens on an address.
 *
 * @param serve called for each request when it is its turn; `surplus`: the limit that its connection is over
 * @param clients counts the connections of all listeners that share it
 * @param company what is known of other processes that listen on the same
 * @throws the system's error, for example with the code EADDRINUSE
 */
export async function listen(
  where: ListenAddress,
  limits: ListenerLimits,
  serve: ServeAny,
  clients = new Clients(limits),
  company?: Company,
): Promise<Listener> {
  const bound = await bind(where, () => new HttpServer(limits, serve, clients), company);
  for (const { server, file } of bound) {
    if (file === undefined) continue;
    // Before Node's own, which reads.
    server.node.prependListener('connection', (socket) => setOwner(socket, file.owner));
  }
  return {
    name: formatListen(where),
    sockets: bound,
    limit: (other) => {
      for (const { server } of bound) server.limit(other);
    },
    adapt: (other) => {
      if ('unix' in other) for (const { file } of bound) file?.permit(other.mode);
      if ('systemd' in other && other.inherited !== undefined) checkInherited(bound, other.inherited);
    },
    get accepted() {
      return bound.reduce((sum, { server }) => sum + server.accepted, 0);
    },
    close: async () => {
      await Promise.all(bound.map(close));
    },
    closeIdle: () => {
      for (const { server } of bound) server.closeIdle();
    },
    closeAll: () => {
      for (const { server } of bound) server.closeAll();
    },
  };
}

function close({ server, file }: Bound): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => void server.node.close((error) => (error === undefined ? resolve() : reject(error)));
    if (file === undefined) end();
    else file.close(end);
  });
}
