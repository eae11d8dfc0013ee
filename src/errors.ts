/** What one ClientHello and its answer came to; the element of `attempts` in logs and problem documents. */
export interface Attempt {
  /** Name of the offer, for example `TLSv1.3+TLSv1.2` or `TLSv1.3/classical`. */
  readonly offer: string;
  readonly outcome: Outcome;
  /** Node's or OpenSSL's code, as people search for it. Absent when the attempt worked. */
  readonly code?: string;
  /** TLS alert number (RFC 8446 section 6) when the server sent one. */
  readonly alert?: number;
  /** Whole milliseconds from the first SYN to the outcome. */
  readonly ms: number;
}

/** Where the documents live that problems and the status page point to; what follows is a file of docs/ and its heading. */
export const documentation = 'https://github.com/local-mtls-proxy/local-mtls-proxy/blob/main/docs/';

/** The closed set of ways in which a handshake attempt ends. */
export type Outcome =
  | 'ok'
  | 'reset'
  | 'close'
  | 'alert'
  | 'version'
  | 'plaintext'
  | 'policy'
  | 'downgrade'
  | 'server-certificate'
  | 'refused'
  | 'unreachable'
  | 'dns'
  | 'timeout'
  | 'abandoned'
  | 'via'
  | 'failed';

/** The `cause` of a problem document, of a request's log line and of a metric's label. */
export type Cause =
  | 'tls-version'
  | 'server-certificate'
  | 'client-certificate'
  | 'tls-policy'
  | 'stale-connection'
  | 'server-fault'
  | 'refused'
  | 'unreachable'
  | 'dns'
  | 'timeout'
  | 'bad-response'
  | 'no-route'
  | 'guard'
  | 'bad-request'
  | 'overloaded'
  | 'internal';

/** Causes that lie with the local program, and say nothing about a route's upstream. */
export const clientCauses: ReadonlySet<Cause> = new Set(['no-route', 'guard', 'bad-request']);

interface Failure {
  /** Proxy error type of RFC 9209 section 2.3. */
  readonly error: string;
  readonly status: number;
  readonly title: string;
}

/** One row a cause: how it is told to the local program. The only place that knows status codes of failures. */
export const failures: Readonly<Record<Cause, Failure>> = {
  'tls-version': { error: 'tls_protocol_error', status: 502, title: 'The upstream accepted none of the TLS offers' },
  'server-certificate': {
    error: 'tls_certificate_error',
    status: 502,
    title: "The upstream's certificate was not accepted",
  },
  'client-certificate': {
    error: 'tls_alert_received',
    status: 502,
    title: 'The upstream did not accept our client certificate',
  },
  'tls-policy': { error: 'tls_protocol_error', status: 502, title: 'The upstream needs a TLS setting that is off' },
  'stale-connection': {
    error: 'connection_terminated',
    status: 502,
    title: 'A kept-alive connection was gone and the request may not be sent twice',
  },
  'server-fault': {
    error: 'connection_terminated',
    status: 502,
    title: 'The upstream dropped the connection after it took the request',
  },
  refused: { error: 'connection_refused', status: 502, title: 'The upstream refused the connection' },
  unreachable: { error: 'destination_ip_unroutable', status: 502, title: 'The upstream cannot be reached' },
  dns: { error: 'dns_error', status: 502, title: "The upstream's name was not found" },
  timeout: { error: 'connection_timeout', status: 504, title: 'The upstream took too long' },
  'bad-response': { error: 'http_protocol_error', status: 502, title: "The upstream's response is not valid HTTP" },
  'no-route': { error: 'destination_not_found', status: 404, title: 'No route matches this request' },
  guard: { error: 'http_request_denied', status: 403, title: 'This client may not use the proxy' },
  'bad-request': { error: 'http_request_error', status: 400, title: 'The request cannot be taken as it is' },
  overloaded: { error: 'connection_limit_reached', status: 503, title: 'Too many connections' },
  internal: { error: 'proxy_internal_error', status: 500, title: 'The proxy failed on this request' },
};

/** Options of {@link ProxyError}; what is left out follows from the cause. */
export interface ProxyErrorOptions {
  readonly source?: 'upstream' | 'downstream' | 'internal';
  readonly attempts?: readonly Attempt[];
  readonly cause?: unknown;
  /** Overrides the RFC 9209 type of the cause's row, for causes that have two. */
  readonly error?: string;
  /** Overrides the status of the cause's row, for causes that have several. */
  readonly status?: number;
  /** The client's connection ends with the answer; default false. */
  readonly close?: boolean;
}

/** The one error class. `message` is a sentence for a person that says what to change. */
export class ProxyError extends Error {
  /** What is told as `cause`; Error's own property of that name is the error behind this one. */
  readonly code: Cause;
  readonly source: 'upstream' | 'downstream' | 'internal';
  readonly attempts: readonly Attempt[];
  readonly error: string;
  readonly status: number;
  readonly close: boolean;

  constructor(code: Cause, message: string, options: ProxyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProxyError';
    this.code = code;
    this.source = options.source ?? 'upstream';
    this.attempts = options.attempts ?? [];
    this.error = options.error ?? failures[code].error;
    this.status = options.status ?? failures[code].status;
    this.close = options.close ?? false;
  }
}
