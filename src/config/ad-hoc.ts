import { parseUpstream } from './addresses.ts';
import type { RouteSettings } from './config.ts';
import { settle } from './settings.ts';

/**
 * The settings of a route to an upstream of which nothing is configured: default trust, no client certificate.
 *
 * @param url `https://host[:port]`
 * @throws {Mismatch}
 */
export function routeTo(url: string): RouteSettings {
  const route = { name: 'url', match: { path: '/' }, upstream: parseUpstream(url) };
  const scope = {
    folder: '/',
    env: {},
    files: new Set<string>(),
    read: () => Buffer.alloc(0), // it names none
    written: () => undefined,
    problem: () => undefined,
  };
  // One complete route in, one out.
  return settle({ routes: [route] }, scope).routes[0] as RouteSettings;
}
