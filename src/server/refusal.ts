import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ProxyError } from '../errors.ts';
import { isTlsInside } from '../proxy/connect.ts';
import { loadingNothing, problem, proxyStatus } from '../proxy/respond.ts';
import { spoil } from '../proxy/task.ts';

/** What Node's server keeps of a socket and of a response, and its own handling of 'clientError' looks at. */
type BusySocket = Socket & { _httpMessage?: (ServerResponse & { _last: boolean }) | null };

/**
 * What Node's parser refuses is answered like everything else, as far as the socket still takes an answer and nobody
 * would take it for another one's: a request before it gets its own response first, and then the connection ends.
 */
export function refuse(error: ParserError, socket: BusySocket): void {
  const current = socket._httpMessage;
  if (!socket.writable || error.code === 'ECONNRESET' || isTlsInside(socket, error.rawPacket)) {
    socket.destroy();
    return;
  }
  if (current?.req.complete || current?.writableEnded) {
    current._last = true;
    return;
  }
  // It ends in the midst of its request: its client has left.
  if (current && error.code === 'HPE_INVALID_EOF_STATE') {
    socket.destroy();
    return;
  }
  const failure = parserFailure(error);
  // Whoever works on what has come of it tells its end, to the client and to the log.
  if (current && spoil(current, failure)) return;
  if (current?.headersSent) {
    socket.destroy();
    return;
  }
  const body = `${JSON.stringify(problem(failure))}\n`;
  const head = [
    `HTTP/1.1 ${failure.status} ${reasons[failure.status] ?? 'Bad Request'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
    `Proxy-Status: ${proxyStatus(failure)}`,
    `Content-Security-Policy: ${loadingNothing}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  if (current) socket.destroySoon();
}

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
};

/** What 'clientError' gives. */
export interface ParserError extends NodeJS.ErrnoException {
  /** What was received last. */
  readonly rawPacket?: Buffer;
  /** How far the parser came in it. */
  readonly bytesParsed?: number;
}

function parserFailure(error: ParserError): ProxyError {
  const options = { source: 'downstream', cause: error, close: true } as const;
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW': {
      if (isWithinTarget(error)) {
        const text = 'the request target is longer than `limits.header`';
        return new ProxyError('bad-request', text, { ...options, status: 414 });
      }
      const text = 'the head of the request is longer than `limits.header`';
      return new ProxyError('bad-request', text, { ...options, status: 431 });
    }
    case 'HPE_INVALID_URL': {
      const text =
        'the request target is neither a path nor a URL, or has a character that must be percent-encoded (RFC 3986 section 2)';
      return new ProxyError('bad-request', text, options);
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const text = 'the head of the request did not arrive in time';
      return new ProxyError('bad-request', text, { ...options, status: 408 });
    }
    default:
      return new ProxyError('bad-request', `the request is not valid HTTP/1.1 (${error.code})`, options);
  }
}

/** Node's parser does not say what was too long, but where it stood: in a request line, a method comes before. */
function isWithinTarget({ rawPacket, bytesParsed }: ParserError): boolean {
  const line = rawPacket?.subarray(rawPacket.lastIndexOf(10, (bytesParsed ?? 0) - 1) + 1, bytesParsed);
  return line !== undefined && /^[A-Z-]+ \S/.test(line.toString('latin1', 0, 40));
}
