import { isName } from './field-syntax.ts';
import { isHopByHop, isNominated, nominations } from './hop-by-hop.ts';
import { via } from './pseudonym.ts';
import type { ResponseHead } from './response-head.ts';

/** What a request's fields are made with, before the route has its say (rewrite.ts). All arrays of fields in this file are flat: `[name, value, …]`. */
export interface RequestOptions {
  /** The upstream's authority, what Host says unless `host` is `preserve`. */
  readonly authority: string;
  readonly host: 'upstream' | 'preserve';
  /** The authority of an absolute-form target, which wins over the client's Host field (RFC 9112 section 3.2.2). */
  readonly targetAuthority?: string | undefined;
  /** The client's address; left out for clients without one (Unix sockets). */
  readonly clientAddress?: string | undefined;
  /** Minor HTTP version of the client's request. */
  readonly version: 0 | 1;
  /** The Upgrade field goes along: the caller can be a tunnel afterwards. */
  readonly upgrade?: boolean | undefined;
  /** The Expect field goes along: the caller waits for the upstream's 100. */
  readonly expect?: boolean | undefined;
}

/** What frames, addresses, authorizes, describes or traces a message and so cannot come behind it (RFC 9110 section 6.5.1). */
const headOnly: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'host',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'cookie',
  'set-cookie',
  'expect',
  'location',
  'max-forwards',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/**
 * The fields of the request to the upstream: those of the client in their order and case, duplicates kept, without what
 * was meant for us alone (RFC 9110 section 7.6.1, and Proxy-Authorization), with one Host, Via and X-Forwarded-*. Those
 * last four go behind the value that is there, or into a line of their own at the end. Content-Length stays, but for leading
 * zeros, which some servers take for octal; unless there is Transfer-Encoding, which is written anew. Trailer stays where the
 * body is chunked.
 * @param rawHeaders as Node gives them, parsed strictly, of a request that was admitted
 */
export function requestFields(rawHeaders: readonly string[], options: RequestOptions): string[] {
  const nominated = nominations(rawHeaders);
  const chunked = isChunked(rawHeaders);
  const fields: string[] = [];
  let clientHost: string | undefined;
  let hostAt = -1;
  let viaAt = -1;
  let forAt = -1;
  let forwardedHostAt = -1;
  let protoAt = -1;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    switch (name.length) {
      case 3:
        if (isName(name, 'via')) viaAt = fields.length + 1;
        break;
      case 4:
        if (!isName(name, 'host')) break;
        clientHost = value;
        hostAt = fields.length + 1;
        break;
      case 6:
        if (isName(name, 'expect') && options.expect !== true) continue;
        break;
      case 7:
        if (isName(name, 'upgrade') && options.upgrade !== true) continue;
        if (isName(name, 'trailer') && !chunked) continue;
        break;
      case 14:
        if (!isName(name, 'content-length')) break;
        if (!chunked) fields.push(name, value.replace(/^0+(?=\d)/, ''));
        continue;
      case 15:
        if (isName(name, 'x-forwarded-for')) forAt = fields.length + 1;
        break;
      case 16:
        if (isName(name, 'x-forwarded-host')) forwardedHostAt = fields.length + 1;
        break;
      case 17:
        if (isName(name, 'x-forwarded-proto')) protoAt = fields.length + 1;
        else if (isName(name, 'transfer-encoding')) {
          fields.push(name, 'chunked');
          continue;
        }
        break;
    }
    if (isHopByHop(name) || (nominated !== undefined && isNominated(nominated, name))) continue;
    fields.push(name, value);
  }

  clientHost = options.targetAuthority ?? clientHost;
  const host = options.host === 'preserve' ? (clientHost ?? options.authority) : options.authority;
  if (hostAt !== -1) fields[hostAt] = host;
  add(fields, viaAt, 'Via', via[options.version]);
  if (options.clientAddress !== undefined) add(fields, forAt, 'X-Forwarded-For', options.clientAddress);
  if (clientHost !== undefined) add(fields, forwardedHostAt, 'X-Forwarded-Host', clientHost);
  add(fields, protoAt, 'X-Forwarded-Proto', 'http');
  if (options.upgrade === true) fields.push('Connection', 'Upgrade');
  if (hostAt === -1) fields.unshift('Host', host);
  return fields;
}

/**
 * The fields of the response to the client: those of the upstream in their order and case, duplicates kept, without what
 * was meant for us alone (Proxy-Authenticate too: it asks the next client, which is us, RFC 9110 section 11.7.1), with
 * Via. Serves informational responses as well. Content-Length stays unless the relay frames anew or the status forbids
 * it; Trailer stays where trailers can follow; Upgrade stays in 101 and 426, where it is the message.
 * @param head what the upstream sent
 * @param chunked whether the body goes to the client chunked; Transfer-Encoding is written then, and only then
 */
export function responseFields(head: ResponseHead, chunked: boolean): string[] {
  const { fields: received, status } = head;
  const nominated = nominations(received);
  const fields: string[] = [];
  const upgrade = status === 101 || status === 426;
  let viaAt = -1;
  let coded = false;
  for (let i = 0; i < received.length; i += 2) {
    const name = received[i] as string;
    const value = received[i + 1] as string;
    switch (name.length) {
      case 3:
        if (isName(name, 'via')) viaAt = fields.length + 1;
        break;
      case 7:
        if (isName(name, 'upgrade') && !upgrade) continue;
        if (isName(name, 'trailer') && !chunked) continue;
        break;
      case 14:
        // RFC 9110 section 8.6: never in 1xx and 204.
        if (isName(name, 'content-length') && (chunked || status < 200 || status === 204)) continue;
        break;
      case 17:
        if (!isName(name, 'transfer-encoding')) break;
        if (!chunked) continue;
        fields.push(name, 'chunked');
        coded = true;
        continue;
    }
    if (isHopByHop(name) || (nominated !== undefined && isNominated(nominated, name))) continue;
    fields.push(name, value);
  }
  add(fields, viaAt, 'Via', via[head.version]);
  if (chunked && !coded) fields.push('Transfer-Encoding', 'chunked');
  if (upgrade) fields.push('Connection', 'Upgrade');
  return fields;
}

/** Trailer fields, of either direction, without those that end here or cannot be trailers; the array given if it is empty. */
export function trailerFields(trailers: readonly string[]): readonly string[] {
  if (trailers.length === 0) return trailers;
  const fields: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if (isHopByHop(name) || headOnly.has(name.toLowerCase())) continue;
    fields.push(name, trailers[i + 1] as string);
  }
  return fields;
}

/**
 * The head of a request as it goes to the upstream, to be written as latin1.
 * @param target the request target, byte for byte
 */
export function requestHead(method: string, target: string, fields: readonly string[]): string {
  return head(`${method} ${target} HTTP/1.1\r\n`, fields);
}

/** The head of a response for those the listener cannot write (1xx, tunnels), to be written as latin1. */
export function responseHead(status: number, reason: string, fields: readonly string[]): string {
  return head(`HTTP/1.1 ${status} ${reason}\r\n`, fields);
}

function head(firstLine: string, fields: readonly string[]): string {
  let text = firstLine;
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Whether the fields say that the body is framed in chunks, besides what else they say of its coding. */
export function isChunked(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 17 && isName(name, 'transfer-encoding')) return true;
  }
  return false;
}

/** Appends to the value at `at` (RFC 9110 section 5.3), or as a line at the end if there is none. */
function add(fields: string[], at: number, name: string, value: string): void {
  if (at === -1) fields.push(name, value);
  else fields[at] = fields[at] === '' ? value : `${fields[at]}, ${value}`;
}
