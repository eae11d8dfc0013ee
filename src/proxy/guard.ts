import { ProxyError } from '../errors.ts';
import { lastKnown } from '../last-known.ts';
import type { ClientRequest } from './client-message.ts';
import type { Users } from './client-users.ts';
import { isName } from './field-syntax.ts';
import { hostOf } from './router.ts';
import { faultOfToken } from './token.ts';

/** Who may use a listener. */
export interface GuardSettings {
  /** Host names accepted, lower case; undefined: any (a listener that is exposed on purpose, and has a token). */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Origins of web pages that may use it, besides its own. */
  readonly origins?: ReadonlySet<string>;
  /** Digest of the token that every request must carry, see `digestOf`. */
  readonly token?: Buffer;
  /** Users of this machine that may use it; left out: any. */
  readonly users?: Users;
}

/** The same for those who have shown the token. */
export function withoutToken({ token: _, ...rest }: GuardSettings): GuardSettings {
  return rest;
}

/**
 * Refuses other users of this machine than those listed; what a web page makes its reader's browser send, by a foreign Host
 * (DNS rebinding) or a foreign Origin; and who does not have the token. The proxy adds a client certificate to whatever it
 * forwards, so this is decided before any connection is made. Every field counts, not only the first of a name: who reads
 * another one must not come to another end.
 *
 * @param request one that is admitted already: with one Host, unless it is of HTTP/1.0
 * @param authority of an absolute-form target, which wins over the Host field
 * @throws ProxyError `guard`; `bad-request` for a Host that can be none
 */
export function guard(request: ClientRequest, settings: GuardSettings, authority?: string): void {
  settings.users?.check(request.socket);
  const said = read(request.rawHeaders);
  const called = authority ?? said.host[0];
  checkHost(called, settings);
  checkPage(request.method, said, called, settings);
  const fault = settings.token === undefined ? undefined : faultOfToken(said.proxyAuthorization, settings.token);
  if (fault === undefined) return;
  throw refusal(`${fault}; send \`Proxy-Authorization: Bearer TOKEN\` with the one of \`guard.token\``, 407);
}

/** Only HTTP/1.0, which no browser speaks, can do without a Host. */
function checkHost(called: string | undefined, { hosts }: GuardSettings): void {
  if (called === undefined) return;
  if (hosts !== undefined && !hosts.has(hostOf(called))) {
    throw refusal(
      `the Host ${shown(called)} is neither this listener's nor a route's; call the proxy as localhost, or add it to \`guard.hosts\``,
    );
  }
  if (isAuthority(called)) return;
  // RFC 9112 section 3.2.
  const text = `the Host ${shown(called)} is neither a name nor an address`;
  throw new ProxyError('bad-request', text, { source: 'downstream' });
}

/** Whether it can be a Host: a name or an address, and a port (RFC 9110 section 7.2, RFC 3986 section 3.2.2); or nothing. */
const isAuthority = lastKnown((host) => /^(?:\[[\da-f.]*:[\da-f:.]*\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i.test(host));

function checkPage(method: string | undefined, said: Said, called: string | undefined, settings: GuardSettings): void {
  const { origin: named, secFetchSite, secFetchMode } = said;
  const isListed = (origin: string): boolean => settings.origins?.has(origin) === true;
  const foreign = named.find((origin) => !isListed(origin) && !isOwn(origin, called));
  if (foreign !== undefined) {
    throw refusal(
      `the request comes from a web page of another origin (${shown(foreign)}); if that page may use your client certificate, add it to \`guard.origins\``,
    );
  }
  const isOfListed = named.length > 0 ? named.every(isListed) : isListed(refererOrigin(method, said.referer));
  if (isOfListed) return;
  const mode = secFetchMode.length > 0 ? secFetchMode.join(', ') : 'navigate';
  for (const site of secFetchSite) {
    if (site === 'same-origin' || isOfUser(site, mode)) continue;
    const what = `${shown(site)}${site === 'none' ? ', which is no navigation' : ''}`;
    throw refusal(
      `the browser calls this request ${what}; pages of other origins may use the proxy only if they are in \`guard.origins\` and say so (Origin or Referer)`,
    );
  }
}

/** Whether a page is of the proxy's own origin, by the name that the request calls it: port 80 is not written in an origin. */
function isOwn(origin: string, called: string | undefined): boolean {
  return (
    called !== undefined && hostOf(called) !== '' && origin === `http://${called.toLowerCase().replace(/:(80)?$/, '')}`
  );
}

/**
 * The origin of the Referer of a GET or HEAD: links and embedded things come without an Origin. A page can leave it out, but
 * not forge it. Behind a redirect it is still the first page's, so it counts for safe methods only; Origin would be null then.
 */
function refererOrigin(method: string | undefined, referer: readonly string[]): string {
  if ((method !== 'GET' && method !== 'HEAD') || referer.length !== 1) return '';
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]+(?![^/?#])/.exec(referer[0] as string)?.[0] ?? '';
}

/**
 * Whether a user asked for it, by typing or a bookmark. Browsers call it `none` (Fetch Metadata section 2.3), as they do what
 * they fetch by themselves at a page's wish: a background fetch, the issuer named by a certificate. That is no navigation.
 */
function isOfUser(site: string, mode: string): boolean {
  return site === 'none' && mode === 'navigate';
}

/** All values of the fields that say who asks. */
interface Said {
  host: string[];
  origin: string[];
  referer: string[];
  secFetchSite: string[];
  secFetchMode: string[];
  proxyAuthorization: string[];
}

/** Of most fields there is none: nothing is made for those. */
const none: string[] = [];

function read(rawHeaders: readonly string[]): Readonly<Said> {
  const said: Said = {
    host: none,
    origin: none,
    referer: none,
    secFetchSite: none,
    secFetchMode: none,
    proxyAuthorization: none,
  };
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const field = fieldOf(rawHeaders[i] as string);
    if (field === undefined) continue;
    const value = rawHeaders[i + 1] as string;
    if (said[field] === none) said[field] = [value];
    else said[field].push(value);
  }
  return said;
}

function fieldOf(name: string): keyof Said | undefined {
  switch (name.length) {
    case 4:
      return isName(name, 'host') ? 'host' : undefined;
    case 6:
      return isName(name, 'origin') ? 'origin' : undefined;
    case 7:
      return isName(name, 'referer') ? 'referer' : undefined;
    case 14:
      if (isName(name, 'sec-fetch-site')) return 'secFetchSite';
      return isName(name, 'sec-fetch-mode') ? 'secFetchMode' : undefined;
    case 19:
      return isName(name, 'proxy-authorization') ? 'proxyAuthorization' : undefined;
    default:
      return undefined;
  }
}

/** A text of the client's in a message, not all of it if it is long. */
function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

function refusal(text: string, status = 403): ProxyError {
  return new ProxyError('guard', text, { source: 'downstream', status });
}
