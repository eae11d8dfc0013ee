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
  readonly fields: readonly string[];
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
  const { socket, req: request } = response;
  const { status } = head;
  if (socket === null || !response.shouldKeepAlive || request.httpVersionMinor === 0) return false;
  // Whether the connection can stay behind a request that is not whole, or whose client may not send the body, Node knows.
  if (!request.complete || request.headers.expect !== undefined) return false;
  const fields = fieldLines(head.fields, request.method === 'HEAD' || status === 204 || status === 304);
  if (fields === undefined) return false;
  response.statusCode = status;
  response.finished = true;
  socket.write(`HTTP/1.1 ${status} ${head.reason}\r\n${fields}${stays}${body}`, 'latin1', (error) => {
    if (error) return;
    sent();
    response.emit('finish');
  });
  return true;
}

/** The fields as lines, with a Date (RFC 9110 section 6.6.1); undefined if they have one that Node heeds, or no length. */
function fieldLines(fields: readonly string[], bodiless: boolean): string | undefined {
  let lines = '';
  let dated = false;
  let sized = bodiless;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    switch (name.length) {
      case 4:
        if (isName(name, 'date')) dated = true;
        break;
      case 7:
        if (isName(name, 'trailer')) return undefined;
        break;
      case 10:
        if (isName(name, 'connection')) return undefined;
        break;
      case 14:
        if (isName(name, 'content-length')) sized = true;
        break;
      case 17:
        if (isName(name, 'transfer-encoding')) return undefined;
    }
    lines += `${name}: ${fields[i + 1]}\r\n`;
  }
  if (!sized) return undefined;
  return dated ? lines : `${lines}Date: ${new Date().toUTCString()}\r\n`;
}
