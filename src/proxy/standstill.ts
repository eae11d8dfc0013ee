import { ProxyError } from '../errors.ts';

/** What an exchange was waiting for when its time was up. */
export interface Standstill {
  /** `host:port` */
  readonly name: string;
  /** Part of the request's body is still to come, and the upstream would take it. */
  readonly clientOwes: boolean;
  /** The client does not take what there is of the response. */
  readonly clientFull: boolean;
  /** The whole request is sent, and nothing of a response has come. */
  readonly unanswered: boolean;
}

/** Tells who let the time pass: the client, by not sending or not reading, or the upstream. */
export function standstillOf({ name, clientOwes, clientFull, unanswered }: Standstill): ProxyError {
  if (clientOwes || clientFull) {
    const what = clientFull ? 'took nothing of the response' : 'sent nothing more of its body';
    const text = `the client ${what} for the time of \`timeouts.idle\``;
    return new ProxyError('bad-request', text, { source: 'downstream', status: 408, close: true });
  }
  const text = `${name} sent nothing for the time of \`timeouts.${unanswered ? 'response' : 'idle'}\``;
  return new ProxyError('timeout', text, { error: 'http_response_timeout' });
}

/** What a request is told that waited in vain for one of its route's connections. */
export function noConnectionFree(name: string, maxConnections: number): ProxyError {
  const text = `all ${maxConnections} connections to ${name} were in use for the time of \`timeouts.response\`; raise \`pool.maxConnections\``;
  return new ProxyError('overloaded', text);
}
