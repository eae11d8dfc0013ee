import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isTlsInside } from '../proxy/connect.ts';
import { loadingNothing, problem, proxyStatus } from '../proxy/respond.ts';
import { spoil } from '../proxy/task.ts';
import { type ParserError, parserFailure } from './parser-failure.ts';
import { waitingOn } from './pipeline.ts';

/** What Node's server keeps of a socket and of a response, and its own handling of 'clientError' looks at. */
type BusySocket = Socket & { _httpMessage?: BusyResponse | null };

type BusyResponse = ServerResponse & { _last: boolean };

/**
 * What Node's parser refuses is answered like everything else, as far as the socket still takes an answer and nobody
 * would take it for another one's: whole requests before it get their own responses first, and then the connection ends.
 */
export function refuse(error: ParserError, socket: BusySocket): void {
  const current = socket._httpMessage;
  if (!socket.writable || error.code === 'ECONNRESET' || isTlsInside(socket, error.rawPacket)) {
    socket.destroy();
    return;
  }
  const whole = [current, ...waitingOn(socket)].findLast(isWhole);
  if (whole) {
    if (!whole.headersSent) whole.shouldKeepAlive = false;
    (whole as BusyResponse)._last = true;
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
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** Whether nothing that the parser refuses can belong to a response's request, or change the response. */
function isWhole(response: ServerResponse | null | undefined): response is ServerResponse {
  return response?.req.complete === true || response?.writableEnded === true;
}

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
};
