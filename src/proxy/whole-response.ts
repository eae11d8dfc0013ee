import type { ClientResponse } from './client-message.ts';
import { isName } from './field-syntax.ts';

/** How long a client's connection stays behind a response without another request, in milliseconds. */
export const stay = 65_000;

/** What Node's server writes behind the fields of a response after which its connection stays. */
const stays = `Connection: keep-alive\r\nKeep-Alive: timeout=${stay / 1_000}\r\n\r\n`;

/** A response's status, reason and fields, flat `[name, value, …]`, latin1, of which each has been checked. */
export interface CheckedHead {
  readonly status: number;
  readonly reason: string;
  readonly fields: string[];
  /** The fields as lines, once they have been written so; not where the Date is that of each response. */
  lines?: string | undefined;
}

/**
 * Sends a response that is there as a whole by one write, past what Node's `writeHead` and `end` do for those that come in parts:
 * they check each field again, and make five pieces of what is one. For the rest of the server it is a response like any other.
 *
 * @param body latin1
 * @param sent called when the kernel has it all; what fails is told by the socket
 * @returns false if nothing was sent, for Node would say more in the head than that the connection stays
 */
export function sendWhole(response: ClientResponse, head: CheckedHead, body: string, sent: () => void): boolean {
  const { socket } = response;
  const text = headText(response, head, false);
  if (socket === null || text === undefined) return false;
  response.statusCode = head.status;
  response.finished = true;
  socket.write(text + body, 'latin1', (error) => {
    if (error) return;
    sent();
    response.emit('finish');
  });
  return true;
}

/**
 * The head as Node's server would write it, latin1, with the empty line behind it; undefined where Node would say more than that the
 * connection stays, and where the fields do not tell how the body is framed.
 *
 * @param chunked whether that has to be in chunks; otherwise by its length
 */
export function headText(response: ClientResponse, head: CheckedHead, chunked: boolean): string | undefined {
  const { status, reason } = head;
  const { req: request } = response;
  if (!response.shouldKeepAlive || request.httpVersionMinor === 0) return undefined;
  // Whether the connection can stay behind a request that is not whole, or whose client may not send the body, Node knows.
  if (!request.complete || request.headers.expect !== undefined) return undefined;
  const lines = head.lines ?? fieldLines(head, chunked, request.method);
  return lines === undefined ? undefined : `HTTP/1.1 ${status} ${reason}\r\n${lines}${stays}`;
}

/** Whether a response has no body whatever its fields say (RFC 9112 section 6.3). */
export function isBodiless(method: string | undefined, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

/** The fields as lines, with a Date (RFC 9110 section 6.6.1); undefined if they have one that Node heeds, or tell no other end of the body. */
function fieldLines(head: CheckedHead, chunked: boolean, method: string | undefined): string | undefined {
  const { fields } = head;
  let lines = '';
  let dated = false;
  let framed = isBodiless(method, head.status);
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    switch (name.length) {
      case 4:
        if (isName(name, 'date')) dated = true;
        break;
      case 7:
        if (!chunked && isName(name, 'trailer')) return undefined;
        break;
      case 10:
        if (isName(name, 'connection')) return undefined;
        break;
      case 14:
        if (!isName(name, 'content-length')) break;
        if (chunked) return undefined;
        framed = true;
        break;
      case 17:
        if (!isName(name, 'transfer-encoding')) break;
        if (!chunked || fields[i + 1] !== 'chunked') return undefined;
        framed = true;
    }
    lines += `${name}: ${fields[i + 1]}\r\n`;
  }
  if (!framed) return undefined;
  if (!dated) return `${lines}Date: ${new Date().toUTCString()}\r\n`;
  // To HEAD and in chunks other heads can be sent.
  if (!chunked && method !== 'HEAD') head.lines = lines;
  return lines;
}
