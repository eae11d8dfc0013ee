import type { Socket } from 'node:net';
import type { ClientRequest } from '../proxy/client-message.ts';
import { parseFields } from '../proxy/field-section.ts';
import { isName } from '../proxy/field-syntax.ts';

/** What the shortest can be: `GET / HTTP/1.1`, a Host, and the empty line. */
const shortest = 'GET / HTTP/1.1\r\nHost:\r\n\r\n'.length;

/** A body of so many bytes at most is taken with its head; any other is better passed on as it comes. */
const longestBody = 16_384;

/** A head of so many bytes at most is kept for the next request. */
const longestKept = 2_048;

const headEnd = '\r\n\r\n';

/** What a plain request says, but for its body. */
interface PlainHead {
  readonly method: string;
  readonly url: string;
  /** Flat `[name, value, …]`, as Node's parser gives them. */
  readonly rawHeaders: string[];
  readonly host: string;
  /** Its connection may stay behind it. */
  readonly persists: boolean;
}

/** A request that came whole and says nothing that would need more than to be passed on. */
export class PlainRequest implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly rawHeaders: string[];
  readonly headers: { readonly host: string };
  readonly socket: Socket;
  readonly complete = true;
  readonly destroyed = false;
  readonly recurs = true;
  /** Whether its connection may stay behind it. */
  readonly persists: boolean;
  /** How many bytes it has, head and body. */
  readonly length: number;
  readonly #head: Buffer;
  #body: Buffer | undefined;

  /** @param bytes all of it, of which so many are the head */
  constructor(socket: Socket, head: PlainHead, bytes: Buffer, headLength: number) {
    this.method = head.method;
    this.url = head.url;
    this.rawHeaders = head.rawHeaders;
    this.headers = { host: head.host };
    this.persists = head.persists;
    this.socket = socket;
    this.length = bytes.length;
    this.#head = headLength === bytes.length ? bytes : Buffer.from(bytes.subarray(0, headLength));
    this.#body = bodyOf(bytes, headLength);
  }

  /** Its body, or that of the last one that it stood for. */
  get body(): Buffer | undefined {
    return this.#body;
  }

  /** Stands for another one, if that has the same head, and a body of the same length behind it. @returns whether it does */
  repeat(bytes: Buffer): boolean {
    const { length } = this.#head;
    if (bytes.length !== this.length || bytes.compare(this.#head, 0, length, 0, length) !== 0) return false;
    this.#body = bodyOf(bytes, length);
    return true;
  }

  /** Whether it is worth to be kept while its client asks for nothing. */
  get isShort(): boolean {
    return this.#head.length <= longestKept;
  }

  /** Its body, which may be long and secret, is not kept for the next one. */
  forget(): void {
    this.#body = undefined;
  }

  /** Nothing happens to it any more. */
  once(): this {
    return this;
  }
}

/**
 * Reads a request that is plain beyond doubt: any two readers would take it for the same. It is of HTTP/1.1 and of a path, has one Host,
 * printable ASCII throughout its head, and a body only of a length that it says once; it is there as a whole, with nothing behind it; and
 * it asks for nothing but an answer.
 *
 * @param bytes all that has come since the request before
 * @param limit bytes that the head may have
 * @returns undefined for any other, which Node's parser is to read
 */
export function readPlain(bytes: Buffer, limit: number, socket: Socket): PlainRequest | undefined {
  if (bytes.length < shortest || bytes.length > limit + longestBody) return undefined;
  const at = bytes.indexOf(headEnd, 0, 'latin1');
  const headLength = at + headEnd.length;
  if (at === -1 || headLength >= limit) return undefined;
  const head = readHead(bytes.toString('latin1', 0, headLength), bytes.length - headLength);
  return head === undefined ? undefined : new PlainRequest(socket, head, bytes, headLength);
}

function readHead(text: string, bodyLength: number): PlainHead | undefined {
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
    }
  }
  const isWhole = length === undefined ? bodyLength === 0 : length === String(bodyLength);
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  if (host === undefined || !isWhole || !(mayHaveBody || bodyLength === 0)) return undefined;
  return { method, url, rawHeaders, host, persists };
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

function bodyOf(bytes: Buffer, headLength: number): Buffer | undefined {
  return bytes.length === headLength ? undefined : bytes.subarray(headLength);
}
