import type { ClientRequest } from './client-message.ts';
import { isName, members } from './field-syntax.ts';

/**
 * Whether a request may take its connection out of HTTP (RFC 9110 section 7.8). Not in HTTP/1.0, where Upgrade means
 * nothing; not with a body or an expectation, which have to be dealt with in HTTP first; and not to another version of
 * HTTP: what is said there would get past the guard and the routes (`h2c`, which RFC 9113 has given up as well). The
 * field is left out of such requests, and they are answered as any other.
 */
export function mayUpgrade(request: ClientRequest): boolean {
  const { httpVersionMinor, rawHeaders } = request;
  if (httpVersionMinor === 0 || announcesBody(request)) return false;
  let offered = false;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    if (isName(name, 'expect')) return false;
    if (isName(name, 'upgrade') && protocolsOf(value).length > 0) offered = true;
  }
  return offered;
}

/** Whether a request's fields announce a body. */
export function announcesBody({ rawHeaders }: ClientRequest): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (isName(name, 'transfer-encoding')) return true;
    if (isName(name, 'content-length') && rawHeaders[i + 1] !== '0') return true;
  }
  return false;
}

/** A request's fields, flat, with those protocols in Upgrade that may be offered. */
export function upgradeFields(rawHeaders: readonly string[]): string[] {
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    const protocols = isName(name, 'upgrade') ? protocolsOf(value) : undefined;
    if (protocols === undefined) fields.push(name, value);
    else if (protocols.length > 0) fields.push(name, protocols.join(', '));
  }
  return fields;
}

/**
 * The head of a request as it came, but for Upgrade, as latin1: Node lets go of a connection whatever is in that field, and
 * this is how it is given back. Without a body behind it, nothing of it has been read but this.
 *
 * @param close whether the request is to be the connection's last
 */
export function plainHead({ method, url, httpVersion, rawHeaders }: ClientRequest, close: boolean): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  if (close) head += 'Connection: close\r\n';
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (isName(rawHeaders[i] as string, 'upgrade')) continue;
    head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  }
  return Buffer.from(`${head}\r\n`, 'latin1');
}

function protocolsOf(value: string): string[] {
  return members(value).filter((protocol) => !/^(?:h2c?|h3|http(?:\/.*)?)$/i.test(protocol));
}
