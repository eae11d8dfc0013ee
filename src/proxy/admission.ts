import { ProxyError } from '../errors.ts';
import type { ClientRequest } from './client-message.ts';
import { isName } from './field-syntax.ts';

/**
 * Refuses what Node's parser has read as a request and others may read as another one, before anything is decided about it:
 * another major version of HTTP (RFC 9110 section 15.6.6); any transfer coding but one `chunked`, and any in HTTP/1.0
 * (RFC 9112 section 6.1); a length that no double can hold (section 6.3); no Host, or more than one (section 3.2).
 *
 * @throws ProxyError `bad-request`; the connection ends with it, unless it is about Host alone: then it is plain where the
 *   next request begins
 */
export function admit({ rawHeaders, httpVersionMajor, httpVersionMinor }: ClientRequest): void {
  if (httpVersionMajor !== 1) throw refusal('the request is not HTTP/1.x, which is all that is spoken here', 505);
  let hosts = 0;
  let coded = false;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    switch (name.length) {
      case 4:
        if (isName(name, 'host')) hosts += 1;
        break;
      case 14:
        if (isName(name, 'content-length') && !(Number(rawHeaders[i + 1]) <= Number.MAX_SAFE_INTEGER)) {
          throw refusal('the request has a Content-Length of more bytes than any body can have');
        }
        break;
      case 17:
        if (!isName(name, 'transfer-encoding')) break;
        if (coded || httpVersionMinor === 0 || !isName(rawHeaders[i + 1] as string, 'chunked')) {
          throw refusal(
            'the request has a transfer coding other than `chunked`, or any in HTTP/1.0; send it with Content-Length',
          );
        }
        coded = true;
        break;
    }
  }
  if (hosts > 1) throw refusal('the request has more than one Host field; send one', 400, false);
  if (hosts === 0 && httpVersionMinor > 0) {
    throw refusal('the request is HTTP/1.1 and has no Host field; send one', 400, false);
  }
}

function refusal(text: string, status = 400, close = true): ProxyError {
  return new ProxyError('bad-request', text, { source: 'downstream', status, close });
}
