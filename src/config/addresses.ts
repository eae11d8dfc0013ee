import { BlockList, isIP, isIPv6 as isIPv6ByPattern } from 'node:net';
import type { ListenAddress, UpstreamAddress } from './config.ts';
import { Mismatch } from './scalars.ts';

/** Node compiles its pattern of such addresses when it is first asked: some milliseconds of a start, and most have none. */
const isIPv6 = (text: string): boolean => text.includes(':') && isIPv6ByPattern(text);

/** Of a Unix socket whose configuration names none: its owner only. */
export const defaultMode = 0o600;

/** Whether a Unix socket of this mode is for its owner (and root) only. */
export function isPrivate(mode: number): boolean {
  return (mode & 0o077) === 0;
}

/**
 * `host:port`, `[::1]:port` (port 0: the system chooses), `unix:/path` (left as written), or `systemd` and `systemd:NAME` for
 * sockets that systemd opens.
 * @throws {Mismatch}
 */
export function parseListen(text: string): ListenAddress {
  const [, path] = /^unix:(.+)$/.exec(text) ?? [];
  if (path !== undefined) return { unix: path, mode: defaultMode };
  const [systemd, socket = ''] = /^systemd(?::(.*))?$/.exec(text) ?? [];
  if (systemd !== undefined) return { systemd: parseSocketName(socket, systemd) };
  const [, name, digits] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  if (name === undefined) throw new Mismatch(/^\d+$/.test(text) ? `write 127.0.0.1: before the port` : '');
  if (name === '') throw new Mismatch('the host is missing; for this machine only it is 127.0.0.1');
  if (isIPv6(name)) throw new Mismatch('an IPv6 address stands in brackets');
  if (Number(digits) > 65535) throw new Mismatch('the highest port is 65535');
  return { host: parseHost(name), port: Number(digits) };
}

/** As systemd.socket(5) takes it for `FileDescriptorName=`. */
function parseSocketName(name: string, text: string): string {
  if (text.endsWith(':') || !/^[\x21-\x39\x3b-\x7e]{0,255}$/.test(name)) {
    throw new Mismatch("behind systemd: stands the socket's FileDescriptorName=");
  }
  return name;
}

/** The one spelling of an address by which `match.listen` and logs name it; {@link parseListen} reads it. */
export function formatListen(address: ListenAddress): string {
  if ('unix' in address) return `unix:${address.unix}`;
  if ('systemd' in address) return address.systemd === '' ? 'systemd' : `systemd:${address.systemd}`;
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Whether only this machine reaches the address: 127/8, ::1, `localhost` and Unix sockets. Names are not looked up. What
 * systemd opens is judged when it is listened on, and so far counts as such.
 */
export function isLoopback(address: ListenAddress): boolean {
  if ('unix' in address || 'systemd' in address || address.host === 'localhost') return true;
  const family = isIP(address.host);
  return family !== 0 && loopback.check(address.host, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * A host name or address in the form it is compared in: lower case, IDNA names as Punycode, IPv6 without brackets.
 * @throws {Mismatch}
 */
export function parseHost(text: string): string {
  if (isIPv6(text)) return parseHost(`[${text}]`);
  // The second pattern, with all letters of Unicode, takes milliseconds to compile.
  if (!/^(\[[\da-fA-F:.]+\]|[\w.-]+)$/.test(text) && !/^[\p{L}\p{N}_.-]+$/u.test(text)) {
    throw new Mismatch(/:\d+$/.test(text) ? 'the port does not belong here' : '');
  }
  const url = `http://${text}`;
  if (!URL.canParse(url)) throw new Mismatch('');
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/**
 * An origin as browsers send it (RFC 6454 section 6.2): scheme, host in lower case, and a port that is not the scheme's.
 * @throws {Mismatch}
 */
export function parseOrigin(text: string): string {
  if (text === 'null') throw new Mismatch('"null" is what any page can make itself; serve the page from an origin');
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s]+)$/i.exec(text) ?? [];
  if (scheme === undefined || !URL.canParse(text)) throw new Mismatch('');
  const { origin, host } = new URL(text);
  // What is no scheme of the web's has no origin for URL, and browser extensions have such ones.
  return origin === 'null' ? `${scheme.toLowerCase()}://${host || rest}` : origin;
}

/** A prefix of whole path segments, without its trailing slash; `/` is everything. @throws {Mismatch} */
export function parsePrefix(text: string): string {
  if (!text.startsWith('/')) throw new Mismatch('');
  return checkPath(text) || '/';
}

/**
 * An upstream, `https://host[:port][/base]`. The base path keeps its bytes, for the request's path is appended to it;
 * only trailing slashes go.
 * @throws {Mismatch} also for credentials, queries and fragments, which no request could carry on.
 */
export function parseUpstream(text: string): UpstreamAddress {
  if (/^http:/i.test(text)) throw new Mismatch('this proxy speaks TLS to the upstream');
  const [, host, , digits = '443', path = ''] =
    /^https:\/\/(\[[^\]/@]*\]|[^/?#@:]*)(:(\d{1,5}))?(\/.*)?$/is.exec(text) ?? [];
  if (host === undefined) throw new Mismatch(reasonAgainst(text));
  const port = Number(digits);
  if (port === 0 || port > 65535) throw new Mismatch('the port is out of range');
  const hostname = parseHost(host);
  const shown = isIPv6(hostname) ? `[${hostname}]` : hostname;
  return { hostname, port, authority: port === 443 ? shown : `${shown}:${port}`, path: checkPath(path) };
}

function reasonAgainst(text: string): string {
  if (text.includes('@')) return 'credentials do not belong here';
  return /[?#]/.test(text) ? 'a query or fragment does not belong here' : '';
}

function checkPath(path: string): string {
  if (/[?#]/.test(path)) throw new Mismatch('a query or fragment does not belong here');
  if (/[^\x21-\x7e]/.test(path))
    throw new Mismatch('spaces and other than ASCII characters of a path are percent-encoded');
  return path.replace(/\/+$/, '');
}
