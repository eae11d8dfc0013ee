import { METHODS } from 'node:http';
import { ProxyError } from '../errors.ts';

/** What 'clientError' gives. */
export interface ParserError extends NodeJS.ErrnoException {
  /** What was received last. */
  readonly rawPacket?: Buffer;
  /** How far the parser came in it. */
  readonly bytesParsed?: number;
  /** What it did not like. */
  readonly reason?: string;
}

/** What Node's parser does not take, as a failure that says what to change. */
export function parserFailure(error: ParserError): ProxyError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isWithinTarget(error)
        ? failure(error, 'the request target is longer than `limits.header`', 414)
        : failure(error, 'the head of the request is longer than `limits.header`', 431);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return failure(error, 'the head of the request did not arrive in time', 408);
    case 'HPE_INVALID_URL':
      return failure(error, wrongTarget(error));
    case 'HPE_INVALID_METHOD':
      return failure(error, wrongMethod(error));
    case 'HPE_INVALID_CONSTANT':
      // A method of RTSP, which the parser knows, too.
      if (error.reason?.includes('method')) return failure(error, wrongMethod(error));
      if (isWithinTarget(error)) return failure(error, wrongEnd);
  }
  const reason = error.reason === undefined ? '' : `: ${error.reason}`;
  return failure(error, `the request is not valid HTTP/1.1 (${error.code}${reason})`);
}

function failure(cause: ParserError, text: string, status?: number): ProxyError {
  const options = { source: 'downstream', cause, close: true } as const;
  return new ProxyError('bad-request', text, status === undefined ? options : { ...options, status });
}

/** Node's parser does not say what was too long, but where it stood: in a request line, a method comes before. */
function isWithinTarget(error: ParserError): boolean {
  return /^[A-Z-]+ \S/.test(lineOf(error, error.bytesParsed));
}

/** The beginning of the line that the parser stood in, as it was received last, at most up to `end`. */
function lineOf({ rawPacket, bytesParsed = 0 }: ParserError, end = Number.POSITIVE_INFINITY): string {
  if (rawPacket === undefined) return '';
  // For Node -1 is the last byte, not the one before the first.
  const start = bytesParsed === 0 ? 0 : rawPacket.lastIndexOf(10, bytesParsed - 1) + 1;
  return rawPacket.toString('latin1', start, Math.min(start + 41, end));
}

const wrongEnd =
  'behind the request target comes something else than `HTTP/1.1`; percent-encode blanks in the target: %20 (RFC 3986 section 2.1)';

/** The parser stands at the byte, or one behind it. */
function wrongTarget({ rawPacket = Buffer.alloc(0), bytesParsed = 0 }: ParserError): string {
  const at = [bytesParsed, bytesParsed - 1].find((place) => !isOfTarget(rawPacket[place] ?? 0x20));
  if (at === undefined) return 'the request target is neither a path nor a URL';
  const code = (rawPacket[at] as number).toString(16).toUpperCase().padStart(2, '0');
  const [before] = /[\x21-\x7e]{0,40}$/.exec(rawPacket.toString('latin1', 0, at)) as RegExpExecArray;
  return `the request target has the byte 0x${code} behind ${JSON.stringify(before)}; percent-encode it: %${code} (RFC 3986 section 2.1)`;
}

/** A blank is where a target ends. */
function isOfTarget(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** Methods are case-sensitive (RFC 9110 section 9.1). */
function wrongMethod(error: ParserError): string {
  const known = `the proxy's parser knows ${METHODS.join(', ')}`;
  const method = /^[\w!#$%&'*+.^`|~-]{1,40}(?= )/.exec(lineOf(error))?.[0];
  if (method === undefined) return `the request does not begin with a method; ${known}`;
  const upper = method.toUpperCase();
  if (method !== upper && METHODS.includes(upper)) return `the method ${method} is unknown; write it ${upper}`;
  return `the method ${method} is unknown; ${known}`;
}
