import { ConnectionEnded, type Wire } from '../../test/fixtures/wire.ts';

/** A response as it came to a client. */
export interface Answer {
  readonly status: number;
  /** By lower-case name; of duplicates the last. */
  readonly fields: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** It ended as its framing says. */
  readonly whole: boolean;
  /** No other can follow on the connection. */
  readonly last: boolean;
}

/**
 * Reads one response and those 1xx before it, strictly.
 *
 * @returns undefined if the connection ended before there was a head
 * @throws Error for what is no valid HTTP/1.1
 */
export async function readAnswer(wire: Wire, method: string): Promise<Answer | undefined> {
  for (;;) {
    const head = await orEnd(wire.head());
    if (head === undefined) return undefined;
    const { status, fields } = parse(head);
    if (status < 200 && status !== 101) continue;
    const chunks: Buffer[] = [];
    const framing = framingOf(method, status, fields);
    const whole = await readBody(wire, framing, chunks);
    const last = fields.get('connection')?.toLowerCase() === 'close' || !whole || framing === 'close';
    return { status, fields, body: Buffer.concat(chunks), whole, last };
  }
}

/** A number is a length. */
type Framing = 'chunked' | 'close' | number;

function parse(head: string): { status: number; fields: Map<string, string> } {
  const [line = '', ...rest] = head.split('\r\n').slice(0, -2);
  const status = /^HTTP\/1\.1 ([1-9]\d\d) [^\r\n]*$/.exec(line)?.[1];
  if (status === undefined) throw new Error(`no status line: ${shorten(line)}`);
  const fields = new Map<string, string>();
  for (const field of rest) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\r\n]*)$/.exec(field) ?? [];
    if (name === undefined) throw new Error(`no field: ${shorten(field)}`);
    fields.set(name.toLowerCase(), value as string);
  }
  if (fields.has('transfer-encoding') && fields.has('content-length')) throw new Error('two framings');
  return { status: Number(status), fields };
}

/** RFC 9112 section 6.3. */
function framingOf(method: string, status: number, fields: ReadonlyMap<string, string>): Framing {
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) return 0;
  if (method === 'CONNECT' && status < 300) return 0;
  if (fields.get('transfer-encoding') === 'chunked') return 'chunked';
  const length = fields.get('content-length');
  if (length === undefined) return 'close';
  if (!/^\d+$/.test(length)) throw new Error(`Content-Length is ${JSON.stringify(length)}`);
  return Number(length);
}

/** @returns whether it came to its end */
async function readBody(wire: Wire, framing: Framing, chunks: Buffer[]): Promise<boolean> {
  if (framing === 'close') {
    const ending = await wire.ended;
    chunks.push(wire.unread());
    return ending === 'end';
  }
  if (framing !== 'chunked') return take(wire, framing, chunks);
  for (;;) {
    const line = await orEnd(wire.until('\r\n'));
    if (line === undefined) return false;
    const size = /^([0-9a-f]{1,8})\r\n$/i.exec(line.toString('latin1'))?.[1];
    if (size === undefined) throw new Error(`no chunk size: ${shorten(line.toString('latin1'))}`);
    if (Number.parseInt(size, 16) === 0) return (await orEnd(wire.until(/^(?:[^\r\n]+\r\n)*\r\n/))) !== undefined;
    if (!(await take(wire, Number.parseInt(size, 16), chunks))) return false;
    const end = await orEnd(wire.until(2));
    if (end === undefined) return false;
    if (end.toString('latin1') !== '\r\n') throw new Error('a chunk is longer than its size');
  }
}

async function take(wire: Wire, bytes: number, chunks: Buffer[]): Promise<boolean> {
  if (bytes === 0) return true;
  const taken = await orEnd(wire.until(bytes));
  chunks.push(taken ?? wire.unread());
  return taken !== undefined;
}

/** Undefined if the connection ended before. */
async function orEnd<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ConnectionEnded) return undefined;
    throw error;
  }
}

const shorten = (text: string): string => JSON.stringify(text.slice(0, 200));
