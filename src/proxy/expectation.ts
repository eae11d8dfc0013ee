import { ProxyError } from '../errors.ts';
import type { ClientRequest, ClientResponse } from './client-message.ts';
import { isName, members } from './field-syntax.ts';

/** How long the upstream may keep silent before we tell the client to go on by ourselves, in milliseconds. */
export const patience = 1_000;

/** What Node's server notes of a response to a request that expects 100-continue. */
type Continued = ClientResponse & { _sent100: boolean };

/**
 * Whether the client waits for a 100 before it sends the body. HTTP/1.0 knows no such expectation, and it is ignored there
 * (RFC 9110 section 10.1.1).
 *
 * @throws ProxyError `bad-request` with 417 for any other expectation: what nobody here understands is not promised
 */
export function expectsContinue({ headers: { expect }, httpVersionMinor }: ClientRequest): boolean {
  if (expect === undefined || httpVersionMinor === 0) return false;
  const list = members(expect);
  for (const member of list) {
    if (isName(member, '100-continue')) continue;
    const text = `the request expects ${JSON.stringify(member)}, which the proxy does not know; leave out \`Expect\`, or send \`100-continue\``;
    throw new ProxyError('bad-request', text, { source: 'downstream', status: 417 });
  }
  return list.length > 0;
}

/**
 * Notes that the client need not wait for a 100 any more. Behind a final response without one Node closes the client's
 * connection, because nobody can tell whether the body still comes (RFC 9110 section 10.1.1); not so after this.
 */
export function noteContinued(response: ClientResponse): void {
  (response as Continued)._sent100 = true;
}
