import { parseHost } from './addresses.ts';
import type { ViaSettings } from './config.ts';
import { Mismatch } from './scalars.ts';

/** Like {@link parseProxy}; `none` is no proxy. @throws {Mismatch} */
export function parseVia(text: string): ViaSettings | 'none' {
  return text === 'none' ? text : parseProxy(text);
}

/**
 * An HTTP CONNECT proxy, `http://[user:password@]host:port`, the credentials percent-encoded. The port must be written,
 * because what it is when left out differs: 1080 for curl, 80 for browsers, 3128 in the mind of who runs squid.
 * @throws {Mismatch}
 */
export function parseProxy(text: string): ViaSettings {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  const reason = reasonAgainst(scheme?.toLowerCase());
  if (reason !== undefined) throw new Mismatch(reason);
  // Up to the last @, as curl reads it: a password with one in it is then still no part of the host.
  const [, credentials, host, digits] = /^[^/]*\/\/(?:(.*)@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?\/?$/s.exec(text) ?? [];
  if (host === undefined || host === '') throw new Mismatch('');
  if (digits === undefined)
    throw new Mismatch('the port is missing, and what it would be differs from program to program');
  const port = Number(digits);
  if (port === 0 || port > 65535) throw new Mismatch('the port is out of range');
  return { hostname: parseHost(host), port, ...parseCredentials(credentials) };
}

function reasonAgainst(scheme: string | undefined): string | undefined {
  if (scheme === 'http') return undefined;
  if (scheme === undefined) return 'write http:// in front';
  if (scheme === 'https') return 'TLS to the proxy itself is not supported; name its port for plain HTTP with http://';
  if (scheme.startsWith('socks')) return 'SOCKS is not supported; name an HTTP proxy that allows CONNECT';
  return '';
}

function parseCredentials(text: string | undefined): Pick<ViaSettings, 'username' | 'password'> {
  if (text === undefined) return {};
  const colon = text.indexOf(':');
  const [username, password] = colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return { username: decode(username), password: decode(password) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Mismatch('a % in the user name or the password is written %25');
  }
}
