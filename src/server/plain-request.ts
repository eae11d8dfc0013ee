import type { Socket } from 'node:net';
import type { ClientRequest } from '../proxy/client-message.ts';
import { parseFields } from '../proxy/field-section.ts';
import { isName } from '../proxy/field-syntax.ts';
import { PlainBody } from './plain-body.ts';

/** What the shortest can be: `GET / HTTP/1.1`, a Host, and the empty line. */
const shortest = 'GET / HTTP/1.1\r\nHost:\r\n\r\n'.length;

/** A body of so many bytes at most is taken with its head, if it came so; any other is better passed on as it comes. */
const longestBody = 16_384;

/** A head of so many bytes at most is kept for the next request. */
const longestKept = 2_048;

const headEnd = '\r\n\r\n';

/** What the head of a plain request says, for each request of a client that has the same. */
export class PlainHead {
  readonly method: string;
  readonly url: string;
  /** Flat `[name, value, …]`, as Node's parser gives them. */
  readonly rawHeaders: string[];
  readonly headers: { readonly host: string };
  /** Its connection may stay behind it. */
  readonly persists: boolean;
  /** It has a field by which its sender is known to somebody. */
  readonly showsWho: boolean;
  readonly #bodyLength: number;
  readonly #bytes: Buffer;

  /** @param bytes the head as it came */
  constructor(says: Says, bytes: Buffer) {
    this.method = says.method;
    this.url = says.url;
    this.rawHeaders = says.rawHeaders;
    this.headers = { host: says.host };
    this.persists = says.persists;
    this.showsWho = says.showsWho;
    this.#bodyLength = says.bodyLength;
    this.#bytes = bytes;
  }

  /** Whether it is worth to be kept by a connection that asks for nothing. */
  get isShort(): boolean {
    return this.#bytes.length <= longestKept;
  }

  /**
   * @param before one that came whole by the same connection, and is over: it may stand for this one
   * @returns the request that such bytes are; undefined if they begin with another head, or more is behind it than its body
   */
  request(bytes: Buffer, socket: Socket, before?: PlainRequest): PlainRequest | undefined {
    const { length } = this.#bytes;
    const longest = length + this.#bodyLength;
    if (bytes.length < length || bytes.length > longest) return undefined;
    if (bytes.compare(this.#bytes, 0, length, 0, length) !== 0) return undefined;
    const behind = bytes.length === length ? undefined : bytes.subarray(length);
    if (bytes.length < longest || this.#bodyLength > longestBody) {
      return new PlainRequest(socket, this, new PlainBody(socket, this.#bodyLength, behind));
    }
    const whole = before?.recurs === this ? before : new PlainRequest(socket, this, undefined);
    whole.body = behind;
    return whole;
  }
}

/** A request whose head came whole and says nothing that would need more than to be passed on. */
export class PlainRequest implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly rawHeaders: string[];
  readonly headers: { readonly host: string };
  readonly socket: Socket;
  readonly recurs: PlainHead;
  /** One that has it stands for the next one with the same head, too: what may be long and secret is not to be kept until then. */
  body: Buffer | undefined;
  readonly incoming: PlainBody | undefined;

  /** @param incoming its body, unless that is all there */
  constructor(socket: Socket, head: PlainHead, incoming: PlainBody | undefined) {
    this.method = head.method;
    this.url = head.url;
    this.rawHeaders = head.rawHeaders;
    this.headers = head.headers;
    this.socket = socket;
    this.recurs = head;
    this.body = undefined;
    this.incoming = incoming;
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return this.incoming === undefined || this.incoming.complete;
  }

  /** Whether no more of it comes, though it has not come whole. */
  get destroyed(): boolean {
    return !this.complete && this.socket.destroyed;
  }

  /** Calls when nothing more of it comes, unless that is so already. */
  once(_event: 'close', listener: () => void): this {
    this.incoming?.whenOver(listener);
    return this;
  }
}

/**
 * Reads the head of a request that is plain beyond doubt: any two readers would take it for the same. It is of HTTP/1.1 and of a path, has
 * one Host, printable ASCII throughout, and a body only of a length that it says once; it is there as a whole; and it asks for nothing but
 * an answer.
 *
 * @param bytes all that has come since the request before
 * @param limit bytes that the head may have
 * @returns undefined for any other, which Node's parser is to read
 */
export function readPlain(bytes: Buffer, limit: number): PlainHead | undefined {
  if (bytes.length < shortest) return undefined;
  const at = bytes.indexOf(headEnd, 0, 'latin1');
  const length = at + headEnd.length;
  if (at === -1 || length >= limit) return undefined;
  const says = readHead(bytes.toString('latin1', 0, length));
  if (says === undefined) return undefined;
  return new PlainHead(says, alone(bytes.subarray(0, length)));
}

interface Says {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: string[];
  readonly host: string;
  readonly persists: boolean;
  readonly showsWho: boolean;
  /** Bytes that the body has. */
  readonly bodyLength: number;
}

function readHead(text: string): Says | undefined {
  const [line, method = '', url = ''] = /^(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[!-~]*) HTTP\/1\.1\r\n/.exec(text) ?? [];
  if (line === undefined || /[^ -~\r\n]/.test(text)) return undefined;
  let rawHeaders: string[];
  try {
    rawHeaders = parseFields(text, line.length);
  } catch {
    // Node's parser may read it, or says what is wrong.
    return undefined;
  }
  let persists = true;
  let showsWho = false;
  let host: string | undefined;
  let length: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    if (asksForMore(name, value)) return undefined;
    if (isName(name, 'host')) {
      if (host !== undefined) return undefined;
      host = value;
    } else if (isName(name, 'content-length')) {
      if (length !== undefined) return undefined;
      length = value;
    } else if (isName(name, 'connection') && isName(value, 'close')) {
      persists = false;
    } else if (showsSender(name)) {
      showsWho = true;
    }
  }
  const bodyLength = lengthOf(length);
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  if (host === undefined || bodyLength === undefined || !(mayHaveBody || bodyLength === 0)) return undefined;
  return { method, url, rawHeaders, host, persists, showsWho, bodyLength };
}

/** Whether a field frames a body in another way, or says something of the connection but whether it stays. */
function asksForMore(name: string, value: string): boolean {
  switch (name.length) {
    case 2:
      return isName(name, 'te');
    case 6:
      return isName(name, 'expect');
    case 7:
      return isName(name, 'upgrade') || isName(name, 'trailer');
    case 10:
      return isName(name, 'connection') && !isName(value, 'keep-alive') && !isName(value, 'close');
    case 16:
      return isName(name, 'proxy-connection');
    case 17:
      return isName(name, 'transfer-encoding');
    default:
      return false;
  }
}

/** Whether it is one of the fields that carry what proves who asks. */
function showsSender(name: string): boolean {
  switch (name.length) {
    case 6:
      return isName(name, 'cookie');
    case 13:
      return isName(name, 'authorization');
    case 19:
      return isName(name, 'proxy-authorization');
    default:
      return false;
  }
}

/** The number that a Content-Length is, written as everybody would; undefined for any other. */
function lengthOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}

/** The same bytes in memory of their own: a part of a larger piece would keep all of it. */
function alone(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) return bytes;
  // Not by `from`, whose memory is a part of a larger piece, too.
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
