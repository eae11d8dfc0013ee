import { formatListen, isLoopback } from './addresses.ts';
import type { ListenAddress } from './config.ts';
import { asList, resolveListen, type Scope, type WrittenConfig } from './resolve.ts';

/** Every address that is to be listened on and could be read, with its place. */
export function addresses({ listen, admin }: WrittenConfig, folder: string) {
  const listeners = asList(listen).map((each, index) => ({
    address: resolveListen(each, folder),
    path: ['listen', index],
  }));
  return [...listeners, { address: resolveListen(admin, folder), path: ['admin'] }].filter(
    (each): each is { address: ListenAddress; path: (string | number)[] } => each.address !== undefined,
  );
}

/** Reports addresses that are named twice, and those that other machines reach. */
export function checkAddresses(written: WrittenConfig, { folder, problem, written: treeAt }: Scope): void {
  const mayBeExposed = written.exposed ?? treeAt(['exposed']) !== undefined;
  const all = addresses(written, folder);
  const inherited = all.filter(({ address }) => 'systemd' in address).length;
  const seen = new Set<string>();
  for (const { address, path } of all) {
    const name = formatListen(address);
    if (seen.has(name) && !('port' in address && address.port === 0)) problem(path, `${name} is listened on already`);
    seen.add(name);
    if (name === 'systemd' && inherited > 1) {
      problem(path, 'systemd takes all that systemd hands over; beside another one write systemd:NAME');
    }
    if (isLoopback(address)) continue;
    if (written.exposed === true) {
      problem(
        path,
        `${name} can be reached from other machines; each request from there gets your client certificate`,
        'warning',
      );
    }
    if (mayBeExposed) continue;
    problem(
      path,
      `${name} is no loopback address: whoever reaches it could use your client certificate; write 127.0.0.1, or "exposed: true" if that is meant`,
      'absence',
    );
  }
}

/** Where others can reach the proxy, or could by what systemd opens, it must be said who of them may use it. */
export function checkExposed(written: WrittenConfig, { folder, problem, written: treeAt }: Scope): void {
  const mayBeExposed = (address: ListenAddress) => !isLoopback(address) || 'systemd' in address;
  if (written.exposed !== true || !addresses(written, folder).some(({ address }) => mayBeExposed(address))) return;
  const { hosts = [] } = written.guard ?? {};
  if (hosts.length > 0 || treeAt(['guard', 'token']) !== undefined) return;
  problem(
    ['exposed'],
    'who may use the proxy from other machines? say so by "guard: { token: { env: PROXY_TOKEN } }", or at least by "guard: { hosts: [NAME] }" with the names by which they call it',
  );
}
