import type { InheritedSockets } from './config.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The first descriptor that systemd hands over (sd_listen_fds(3), SD_LISTEN_FDS_START). */
const first = 3;

/**
 * The sockets that systemd, or whoever speaks its protocol (sd_listen_fds(3)), has opened and handed over.
 *
 * @param name of the sockets meant, as `FileDescriptorName=` gives it; empty for all of them
 * @param env LISTEN_FDS only if it is meant for this process, see {@link forThisProcess}
 * @returns their descriptors, or why there are none
 */
export function inheritedSockets(name: string, env: Env): Pick<InheritedSockets, 'descriptors' | 'missing'> {
  const { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES } = env;
  if (LISTEN_FDS === undefined && LISTEN_PID !== undefined) {
    return missing(
      `LISTEN_PID names another process (${LISTEN_PID}): let systemd start Node itself, not a shell or npm, or have that exec it`,
    );
  }
  const count = /^\d{1,4}$/.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0;
  if (count === 0) return missing('no socket was handed over (LISTEN_FDS): start the .socket unit, not the service');
  const named = LISTEN_FDNAMES?.split(':') ?? [];
  const all = Array.from({ length: count }, (_, index) => ({
    descriptor: first + index,
    name: named[index] ?? 'unknown',
  }));
  const meant = all.filter((each) => name === '' || each.name === name);
  if (meant.length > 0) return { descriptors: meant.map(({ descriptor }) => descriptor) };
  const names = [...new Set(all.map((each) => each.name))].join(', ');
  return missing(
    `no socket of that name was handed over; there are: ${names} (FileDescriptorName= of the .socket unit)`,
  );
}

/**
 * The environment of a process, without the sockets that are meant for another one: one that was started by that, and inherited
 * the variables.
 *
 * @param pid the process's own
 */
export function forThisProcess(env: Env, pid: number): Record<string, string | undefined> {
  const own = { ...env };
  if (own['LISTEN_PID'] !== String(pid)) delete own['LISTEN_FDS'];
  return own;
}

const missing = (why: string) => ({ descriptors: [], missing: why });
