import { unruled } from './field-rules.ts';
import { responseFields, responseHead } from './headers.ts';
import type { ResponseHead } from './response-head.ts';
import type { LiveRoute, Task } from './task.ts';

/** What we say ourselves when the upstream says nothing. */
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';

/**
 * Passes a 1xx on to the client, before the final response; not to a client of HTTP/1.0, which knows none (RFC 9110
 * section 15.2). The reader bounds how many there are, and how long.
 *
 * It is written to the socket itself: Node's `writeEarlyHints` takes nothing but `Link`, `writeInformation` is missing
 * before Node 24, and both would give up the fields' order, case and duplicates. A response has its socket when its turn
 * has come, and nothing of it is written yet, so that this cannot overtake anything.
 */
export function relayInterim({ request, response, route }: Task, head: ResponseHead): void {
  if (request.httpVersionMinor === 0) return;
  // What is set belongs to the final response.
  const fields = unruled(responseFields(head, false), (route as LiveRoute).settings.headers.response);
  response.socket?.write(responseHead(head.status, head.reason, fields), 'latin1');
}

/** Tells the client to send its body. */
export function tellToContinue({ response }: Task): void {
  response.socket?.write(goOn, 'latin1');
}
