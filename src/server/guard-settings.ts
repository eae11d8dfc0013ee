import type { Config } from '../config/config.ts';
import { digestOf, type GuardSettings } from '../proxy/guard.ts';
import { hostOf } from '../proxy/router.ts';
import { Users } from '../proxy/users.ts';

/**
 * Who may use the listeners of a configuration. Where the proxy is exposed and has a token, whoever has that may call it by
 * any name.
 */
export function guardOf(config: Config): GuardSettings {
  const { hosts, origins, token, users } = config.guard;
  const byAnyName = config.exposed && hosts.length === 0;
  return {
    hosts: byAnyName ? undefined : new Set([...ownHosts(config), ...hosts]),
    origins: new Set(origins),
    ...(token !== undefined && { token: digestOf(token) }),
    ...(users !== undefined && { users: new Users(users) }),
  };
}

/** The names by which this machine's programs may call the proxy: its listeners', and the hosts that the routes serve. */
function ownHosts({ listen: addresses, routes }: Config): ReadonlySet<string> {
  const hosts = new Set(['localhost', '127.0.0.1', '::1']);
  for (const address of addresses) if ('host' in address) hosts.add(hostOf(`${address.host}`) || address.host);
  for (const { match, upstream } of routes) {
    if (match.host !== undefined) hosts.add(match.host);
    hosts.add(upstream.hostname);
  }
  return hosts;
}
