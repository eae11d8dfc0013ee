import { localReference, prefixOf, type View } from './local-address.ts';
import { hostOf } from './router.ts';

/**
 * What is put before a cookie's name whose prefix (RFC 6265bis section 4.1.3) makes clients without TLS refuse it, and is
 * taken off again from what they send. A name that has it of its own gets one more, so that each finds its way back.
 */
const mark = 'Plain-';
const prefixed = /^(\s*)(?=(?:Plain-)*__(?:Host|Secure|Http)-[^=]*=)/i;
const escaped = /(^|;)([ \t]*)Plain-(?=(?:Plain-)*__(?:Host|Secure|Http)-)/gi;

/**
 * A Set-Cookie of the upstream as a client that speaks plain HTTP to this proxy can use it. Such a client refuses
 * `Secure`, and with it `SameSite=None`, `Partitioned` and the prefixes of names that demand it; a Domain that is not its
 * host's; and to it a Path lies below the route's. What else there is stays byte for byte.
 */
export function plainCookie(value: string, view: View): string {
  const [pair = '', ...attributes] = value.split(';');
  let result = pair.replace(prefixed, `$1${mark}`);
  let hasPath = false;
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const name = (at === -1 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    const text = at === -1 ? '' : attribute.slice(at + 1).trim();
    if (name === 'secure' || name === 'partitioned') continue;
    if (name === 'samesite' && text.toLowerCase() === 'none') continue;
    if (name === 'domain' && !mayMatch(text, view)) continue;
    if (name === 'path' && text.startsWith('/')) {
      hasPath = true;
      const local = localPath(text, view);
      result += local === text ? `;${attribute}` : `;${attribute.slice(0, at + 1)}${local}`;
    } else {
      result += `;${attribute}`;
    }
  }
  // Without one the client takes the directory of what it asked for: it must not lie above the route's own.
  const prefix = prefixOf(view.route);
  return hasPath || covers(prefix, directory(view.path)) ? result : `${result}; Path=${prefix}`;
}

/** A Cookie field of the client with the names that the upstream gave. */
export function upstreamCookies(value: string): string {
  return value.includes('__') ? value.replace(escaped, '$1$2') : value;
}

/** RFC 6265 section 5.1.3; an empty Domain is none. */
function mayMatch(domain: string, { authority }: View): boolean {
  const wanted = domain.replace(/^\./, '').toLowerCase();
  const host = authority === undefined ? '' : hostOf(authority);
  return wanted === '' || host === wanted || (host.endsWith(`.${wanted}`) && !/^[\d.]+$|:/.test(host));
}

/** A Path above the upstream's part of the route is all of the route: more would give the cookie to other routes. */
function localPath(path: string, view: View): string {
  const { route } = view;
  const prefix = prefixOf(route);
  const root = route.upstream.path + (route.stripPath ? '' : prefix);
  if (covers(path, root)) return prefix || '/';
  const local = /[?#]/.test(path) ? path : localReference(path, view);
  return local.startsWith('/') ? local : path;
}

/** Whether a cookie's path takes in another (path-match, RFC 6265 section 5.1.4); the empty one, as `/`, takes in all. */
function covers(path: string, other: string): boolean {
  const inner = other === '' ? '/' : other;
  return inner === path || inner.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/** The default path of RFC 6265 section 5.1.4. */
function directory(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}
