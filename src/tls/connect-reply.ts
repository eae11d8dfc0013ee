/** A proxy's answer to CONNECT, as far as anybody needs it. */
export interface ConnectReply {
  readonly status: number;
  /** Authentication schemes that it takes, as Proxy-Authenticate names them (RFC 9110 section 11.7.1). */
  readonly schemes: readonly string[];
  /** Why it failed, in its own code: `error` of Proxy-Status (RFC 9209), or Squid's; only what is short and a plain word. */
  readonly reason?: string;
}

/** What makes bytes no answer to CONNECT: `tls` and `not-http` by their beginning, the others by what follows. */
export type ReplyFault = 'tls' | 'not-http' | 'malformed' | 'too-long' | 'trailing';

/** All heads together, those of 1xx responses included, have at most so many bytes. */
const longestReply = 16 * 1024;

/**
 * Reads the head of the final response to one CONNECT, strictly by RFC 9112, and nothing behind it: in a 2xx response
 * Content-Length and Transfer-Encoding mean nothing (RFC 9110 section 9.3.6), and what follows is the tunnel's.
 */
export class ReplyReader {
  readonly #bytes = Buffer.allocUnsafe(longestReply);
  #length = 0;
  /** Where the present head begins, behind those of 1xx responses. */
  #start = 0;

  /**
   * Takes the next bytes.
   *
   * @returns the reply once it is whole, or what is wrong with it; undefined: more is needed
   */
  add(bytes: Buffer): ConnectReply | ReplyFault | undefined {
    const taken = bytes.copy(this.#bytes, this.#length);
    let from = Math.max(this.#start, this.#length - 3);
    this.#length += taken;
    for (;;) {
      const fault = beginningFault(this.#bytes.subarray(this.#start, this.#length));
      if (fault !== undefined) return fault;
      const end = this.#bytes.subarray(0, this.#length).indexOf('\r\n\r\n', from);
      if (end === -1) {
        // Nobody knows whether a lone LF ends a line: who sends it may wait for ever for us to find out.
        if (hasLoneLineFeed(this.#bytes, from, this.#length)) return 'malformed';
        return this.#length === longestReply ? 'too-long' : undefined;
      }
      const reply = parseReply(this.#bytes.toString('latin1', this.#start, end));
      if (reply === undefined) return 'malformed';
      this.#start = end + 4;
      from = this.#start;
      // 101 is final: it would change the protocol, which nobody asked for.
      if (reply.status >= 200 || reply.status === 101) {
        const isTunnel = reply.status >= 200 && reply.status < 300;
        return isTunnel && (this.#start < this.#length || taken < bytes.length) ? 'trailing' : reply;
      }
    }
  }
}

const protocol = 'HTTP/1.';

/** Seen at the first wrong byte: a peer that speaks another protocol would keep us waiting for the rest. */
function beginningFault(bytes: Buffer): ReplyFault | undefined {
  if (protocol.startsWith(bytes.toString('latin1', 0, protocol.length))) return undefined;
  // A TLS record (RFC 8446 section 5.1): handshake or alert.
  return bytes[0] === 21 || bytes[0] === 22 ? 'tls' : 'not-http';
}

function hasLoneLineFeed(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === 10 && bytes[at - 1] !== 13) return true;
  return false;
}

/** RFC 9112 section 4; the space behind the status may be missing where there is no reason phrase. */
const statusLine = /^HTTP\/1\.[01] ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** RFC 9112 section 5, without obsolete line folding. */
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

/** @param head without its last line end; undefined if it breaks the grammar */
function parseReply(head: string): ConnectReply | undefined {
  const [first = '', ...lines] = head.split('\r\n');
  const status = statusLine.exec(first)?.[1];
  if (status === undefined) return undefined;
  const schemes: string[] = [];
  let reason: string | undefined;
  for (const line of lines) {
    const [, name, value = ''] = fieldLine.exec(line) ?? [];
    if (name === undefined) return undefined;
    switch (name.toLowerCase()) {
      case 'proxy-authenticate':
        schemes.push(...schemesOf(value));
        break;
      case 'proxy-status':
        reason ??= /;[ \t]*error=([a-z][a-z_]{1,40})(?=[ \t]*(?:[;,]|$))/.exec(value)?.[1];
        break;
      case 'x-squid-error':
        reason ??= /^(ERR_[A-Z_]{1,40}) \d{1,5}[ \t]*$/.exec(value)?.[1];
    }
  }
  return { status: Number(status), schemes, ...(reason !== undefined && { reason }) };
}

/** The schemes of a list of challenges (RFC 9110 section 11.6.1), whose parameters stand behind commas as well. */
function schemesOf(challenges: string): string[] {
  return challenges
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .split(',')
    .flatMap((part) => /^[ \t]*([A-Za-z][A-Za-z0-9-]{0,20})(?=[ \t]|$)(?![ \t]*=)/.exec(part)?.[1] ?? []);
}
