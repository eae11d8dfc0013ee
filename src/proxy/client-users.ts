import type { Socket } from 'node:net';
import { ProxyError } from '../errors.ts';
import { type Ends, type Owner, SocketOwners } from './socket-owners.ts';

/** Who is at the other end of each connection, as it was found once. */
const owners = new WeakMap<object, Owner>();

/** Notes who is at the other end of a connection, unless that is known already. */
export function setOwner(socket: Socket, owner: Owner): void {
  if (!owners.has(socket)) owners.set(socket, owner);
}

/** The users of this machine that may use the proxy. A connection's user is looked up once, before its first request is acted on. */
export class Users {
  readonly #allowed: ReadonlySet<number>;
  readonly #table: { find(ends: Ends): Promise<Owner> };

  /** @param allowed by their uids */
  constructor(allowed: Iterable<number>, table: { find(ends: Ends): Promise<Owner> } = new SocketOwners()) {
    this.#allowed = new Set(allowed);
    this.#table = table;
  }

  /** Finds out who is at the other end; undefined if that is known already. Never rejects. */
  identify(socket: Socket): Promise<void> | undefined {
    if (owners.has(socket)) return undefined;
    return this.#table.find(socket).then((owner) => setOwner(socket, owner));
  }

  /** @throws ProxyError `guard` unless {@link identify} has found one who may; the connection ends with it */
  check(socket: Socket): void {
    const owner = owners.get(socket) ?? { unknown: 'nobody has looked' };
    if ('unknown' in owner) {
      throw refusal(
        `it is not known which user of this machine the connection is of (${owner.unknown}), and \`guard.users\` lets in only those that it lists`,
      );
    }
    if (this.#allowed.has(owner.uid)) return;
    throw refusal(
      `the connection is of the user ${owner.uid}; if that one may use your client certificate, add ${owner.uid} to \`guard.users\``,
    );
  }
}

function refusal(text: string): ProxyError {
  return new ProxyError('guard', text, { source: 'downstream', close: true });
}
