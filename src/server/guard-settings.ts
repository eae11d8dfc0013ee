import type { Config } from '../config/config.ts';
import { Users } from '../proxy/client-users.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import { digestOf } from '../proxy/token.ts';

/**
 * Who may use the listeners of a configuration. Where the proxy is exposed and has a token, whoever has that may call it by
 * any name, unless some are listed.
 */
export function guardOf(config: Config): GuardSettings {
  const { hosts, origins, token, users } = config.guard;
  const byAnyName = config.exposed && token !== undefined && hosts.length === 0;
  return {
    hosts: byAnyName ? undefined : new Set([...ownHosts(config), ...hosts]),
    origins: new Set(origins),
    ...(token !== undefined && { token: digestOf(token) }),
    ...(users !== undefined && { users: new Users(users) }),
  };
}

/** What stands for all addresses of the machine is the name of none; to browsers it leads here past their other rules. */
const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The names by which this machine's programs may call the proxy: its listeners', and the hosts that the routes serve. */
function ownHosts({ listen, admin, routes }: Config): ReadonlySet<string> {
  const hosts = new Set(['localhost', '127.0.0.1', '::1']);
  for (const address of admin === undefined ? listen : [...listen, admin]) {
    if ('host' in address && !wildcards.has(address.host)) hosts.add(address.host);
  }
  for (const { match, upstream } of routes) {
    if (match.host !== undefined) hosts.add(match.host);
    hosts.add(upstream.hostname);
  }
  return hosts;
}
