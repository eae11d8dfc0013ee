import { closeSync, openSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { formatListen, isLoopback, isPrivate } from './addresses.ts';
import { addresses } from './listen-rules.ts';
import { type Path, type Scope, unreadable, type WrittenConfig } from './resolve.ts';

/** What the rules on users ask of this machine; given only by those who want to see them work. */
export interface Machine {
  /** As Node's `os.platform()` names it. */
  readonly system: string;
  /** /etc/passwd. @throws the system's error */
  readonly users: () => string;
  /** The user of whom the files are that this process makes: its uid. @throws the system's error */
  readonly self: () => number;
  /** Looks whether the kernel's table of sockets can be read. @throws the system's error */
  readonly sockets: () => void;
}

const thisMachine: Machine = {
  system: platform(),
  users: () => readFileSync('/etc/passwd', 'utf8'),
  self: () => Number(/^Uid:(?:\s+\d+){3}\s+(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]),
  sockets: () => closeSync(openSync('/proc/net/tcp', 'r')),
};

/** The uids of those listed; names are looked up in /etc/passwd, and left out where that is reported. */
export function resolveUsers(
  written: readonly (number | string | undefined)[],
  path: Path,
  { problem }: Pick<Scope, 'problem'>,
  machine: Machine = thisMachine,
): number[] {
  return written.flatMap((user, index) => {
    if (typeof user !== 'string') return user ?? [];
    let uid: string | undefined;
    const reason = unreadable(() => {
      const entries = machine.users().split('\n');
      uid = entries.map((entry) => entry.split(':')).find(([name]) => name === user)?.[2];
    });
    if (uid !== undefined) return Number(uid);
    const why = reason === undefined ? `/etc/passwd has no user "${user}"` : `cannot read /etc/passwd: ${reason}`;
    problem([...path, index], `${why}; write the number (id -u ${user})`);
    return [];
  });
}

/** Reports what keeps `guard.users` from being kept to: each listener must be one whose clients' users can be known. */
export function checkUsers(written: WrittenConfig, scope: Scope, machine: Machine = thisMachine): void {
  const { users } = written.guard ?? {};
  if (users === undefined) return;
  const path = ['guard', 'users'];
  if (machine.system !== 'linux') {
    scope.problem(path, 'only Linux tells whose program has connected; leave "users" out here, and set "token"');
    return;
  }
  const listed = resolveUsers(users, path, { problem: () => undefined }, machine);
  const isWhole = listed.length === users.length;
  for (const { address, path: place } of addresses(written, scope.folder)) {
    if ('unix' in address) checkSocket(address, isWhole ? listed : undefined, { place, scope, machine });
    else {
      const reason = unreadable(machine.sockets);
      if (reason !== undefined)
        scope.problem(path, `cannot read /proc/net/tcp, which says who has connected: ${reason}`);
      if (isLoopback(address)) continue;
      const text = `clients on other machines get 403 at ${formatListen(address)}: "users" lets in users of this machine only`;
      scope.problem(path, text, 'warning');
    }
  }
}

/** Node does not tell whose program has connected to a Unix socket (SO_PEERCRED): the kernel must let in one user only. */
function checkSocket(
  { mode }: { readonly mode: number },
  listed: readonly number[] | undefined,
  { place, scope, machine }: { readonly place: Path; readonly scope: Scope; readonly machine: Machine },
): void {
  if (!isPrivate(mode)) {
    const text = `who has connected to a Unix socket is not known here, so beside "guard: { users: … }" its mode must be "0600"; others can use 127.0.0.1:PORT`;
    scope.problem(place, text);
    return;
  }
  let self: number | undefined;
  const reason = unreadable(() => {
    self = machine.self();
  });
  if (reason !== undefined)
    scope.problem(place, `cannot read /proc/self/status, which says whose this socket will be: ${reason}`);
  if (self === undefined || listed === undefined || listed.includes(self)) return;
  const text = `only the user ${self}, who runs the proxy, can connect to this socket; add ${self} to "users", or listen on 127.0.0.1:PORT instead`;
  scope.problem(place, text);
}
