import type { RouteSettings } from '../config/config.ts';
import { ProxyError } from '../errors.ts';
import { alertOf } from '../tls/alerts.ts';
import { explain } from '../tls/explain.ts';
import type { Verdict } from '../tls/failure.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { judge } from '../tls/verdict.ts';

/** What is known when a connection is lost under a request. */
export interface Loss {
  readonly secure: SecureConnection;
  readonly upstream: RouteSettings['upstream'];
  /** `host:port` */
  readonly name: string;
  /** An earlier request went over the connection. */
  readonly reused: boolean;
  /** The response's head has been passed on. */
  readonly answered: boolean;
  /** Bytes that came as the response. */
  readonly bytesSeen: number;
  readonly error: NodeJS.ErrnoException | undefined;
}

/** Tells apart why a connection was lost under a request: the causes that look the same from outside. */
export function lossOf(loss: Loss): ProxyError {
  const { secure, name, error } = loss;
  const { attempts } = secure;
  if (loss.answered) return new ProxyError('bad-response', `${name} cut its response short`, { cause: error });
  if (loss.bytesSeen > 0) {
    const text = `${name} closed the connection before its response's head was complete`;
    return new ProxyError('bad-response', text, { cause: error, error: 'http_response_incomplete' });
  }
  if (secure.refusal !== undefined) return refusalOf(secure.refusal, loss);
  if (alertOf(error) !== undefined) return refusalOf(judge({ stage: 'verified', error }), loss);
  if (!loss.reused) {
    const text = `${name} dropped a fresh connection after it had the request, without a response: its fault, not TLS's; see its logs`;
    return new ProxyError('server-fault', text, { attempts, cause: error });
  }
  const text = `${name} had dropped the kept-alive connection, and this request may have reached it; send it again if that does no harm, or set \`pool: { keepAlive: false }\` or \`replay: always\``;
  return new ProxyError('stale-connection', text, { cause: error });
}

/** A refusal that came after the handshake was complete for us: it is how the last attempt really ended. */
export function refusalOf(verdict: Verdict, { secure, upstream }: Pick<Loss, 'secure' | 'upstream'>): ProxyError {
  const { alert, code, outcome } = verdict;
  const attempts = secure.attempts.map((attempt, index) =>
    index < secure.attempts.length - 1
      ? attempt
      : { ...attempt, outcome, code, ...(alert === undefined ? {} : { alert }) },
  );
  return explain(verdict, attempts, upstream);
}
