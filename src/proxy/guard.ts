import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ProxyError } from '../errors.ts';
import { hostOf } from './router.ts';
import type { Users } from './users.ts';

/** Who may use a listener. */
export interface GuardSettings {
  /** Host names accepted, lower case; undefined: any (a listener that is exposed on purpose, and has a token). */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Origins of web pages that may use it, besides its own. */
  readonly origins?: ReadonlySet<string>;
  /** Digest of the token that every request must carry, see {@link digestOf}. */
  readonly token?: Buffer;
  /** Users of this machine that may use it; left out: any. */
  readonly users?: Users;
}

/** What is kept of a token. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The same for those who have shown the token. */
export function withoutToken({ token: _, ...rest }: GuardSettings): GuardSettings {
  return rest;
}

/**
 * Refuses other users of this machine than those listed; what a web page makes its reader's browser send: by a foreign Host
 * (DNS rebinding) or a foreign Origin; and who does not have the token. The proxy adds a client certificate to whatever it forwards, so this is decided before any
 * connection is made.
 *
 * @param authority of an absolute-form target, which wins over the Host field
 * @throws ProxyError `guard`
 */
export function guard(request: IncomingMessage, settings: GuardSettings, authority?: string): void {
  settings.users?.check(request.socket);
  const { headers } = request;
  const called = authority ?? headers.host;
  if (settings.hosts !== undefined && called !== undefined && !settings.hosts.has(hostOf(called))) {
    const host = JSON.stringify(called);
    throw refusal(
      `the Host ${host} is neither this listener's nor a route's; call the proxy as localhost, or add it to \`guard.hosts\``,
    );
  }
  if (called !== undefined && !isAuthority(called)) throw unreadable(called);
  const { origin } = headers;
  const isListed = settings.origins?.has(origin ?? refererOrigin(request)) === true;
  if (
    origin !== undefined &&
    !isListed &&
    !isOwn(origin, request.url?.startsWith('/') === false ? called : headers.host)
  ) {
    throw refusal(
      `the request comes from a web page of another origin (${JSON.stringify(origin)}); if that page may use your client certificate, add it to \`guard.origins\``,
    );
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && !isOfUser(headers) && !isListed) {
    const what = `${JSON.stringify(site)}${site === 'none' ? ', which is no navigation' : ''}`;
    throw refusal(
      `the browser calls this request ${what}; pages of other origins may use the proxy only if they are in \`guard.origins\` and say so (Origin or Referer)`,
    );
  }
  if (settings.token !== undefined) checkToken(headers['proxy-authorization'], settings.token);
}

function checkToken(given: string | undefined, token: Buffer): void {
  const [, mine] = /^Bearer +([^ ]+) *$/i.exec(given ?? '') ?? [];
  // Digests are of one length, so that the comparison takes the same time whatever was given.
  if (mine !== undefined && timingSafeEqual(digestOf(mine), token)) return;
  const what = given === undefined ? 'the request has no token' : 'the token of the request is not the right one';
  throw refusal(`${what}; send \`Proxy-Authorization: Bearer TOKEN\` with the one of \`guard.token\``, 407);
}

/** Whether a page was loaded from the name by which it calls now. @param host with its port, which may be the scheme's */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || `${origin}:80` === `http://${host}`);
}

/** Whether it can be a Host: a name or an address, and a port (RFC 9110 section 7.2, RFC 3986 section 3.2.2); or nothing. */
function isAuthority(host: string): boolean {
  return /^(?:\[[\da-f.]*:[\da-f:.]*\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i.test(host);
}

/** RFC 9112 section 3.2. */
function unreadable(host: string): ProxyError {
  const text = `the Host ${JSON.stringify(host)} is neither a name nor an address`;
  return new ProxyError('bad-request', text, { source: 'downstream' });
}

/**
 * The origin of the Referer of a GET or HEAD: links and embedded things come without an Origin. A page can leave it out, but
 * not forge it. Behind a redirect it is still the first page's, so it counts for safe methods only; Origin would be null then.
 */
function refererOrigin({ method, headers: { referer } }: IncomingMessage): string {
  if (method !== 'GET' && method !== 'HEAD') return '';
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]+(?![^/?#])/.exec(referer ?? '')?.[0] ?? '';
}

/**
 * Whether a user asked for it, by typing or a bookmark. Browsers call it `none` (Fetch Metadata section 2.3), as they do what
 * they fetch by themselves at a page's wish: a background fetch, the issuer named by a certificate. That is no navigation.
 */
function isOfUser({ 'sec-fetch-site': site, 'sec-fetch-mode': mode = 'navigate' }: IncomingHttpHeaders): boolean {
  return site === 'none' && mode === 'navigate';
}

function refusal(text: string, status = 403): ProxyError {
  return new ProxyError('guard', text, { source: 'downstream', status });
}
