import type { RouteSettings } from '../config/config.ts';
import { ProxyError } from '../errors.ts';
import { isoTime } from '../iso-time.ts';
import type { Sound } from '../server/prepare.ts';
import type { Credentials } from '../tls/credentials.ts';
import { explain } from '../tls/explain.ts';
import { Ladder } from '../tls/ladder.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { daysLeft } from '../tls/validity.ts';
import { ladderSettings } from '../upstream/ladder-settings.ts';
import type { Io } from './io.ts';
import { Progress } from './progress.ts';

/** What a handshake of `check --live` came to. */
export interface Lived {
  readonly route: string;
  readonly ok: boolean;
  /** What was negotiated, or why nothing was. */
  readonly detail: string;
}

/**
 * `check --live`: one connection for each route, made as a request would make it, and closed when the server has
 * accepted it. In the order of the configuration.
 */
export async function checkLive(routes: Sound['routes'], io: Io): Promise<Lived[]> {
  const progress = new Progress(io.stderr);
  const waiting = new Set(routes.map(([{ name }]) => name));
  const show = (): void => progress.show(`waiting for ${[...waiting].join(', ')} …`);
  show();
  // All at once, for each has time-outs of its own.
  const tried = routes.map(async ([route, credentials]): Promise<Lived> => {
    const result = await tryRoute(route, credentials, io.signal);
    waiting.delete(route.name);
    if (waiting.size > 0) show();
    const ok = !(result instanceof ProxyError);
    return { route: route.name, ok, detail: ok ? result : result.message };
  });
  return Promise.all(tried).finally(() => progress.clear());
}

/** What was negotiated, or why nothing was. */
async function tryRoute(
  route: RouteSettings,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<string | ProxyError> {
  const ladder = new Ladder(ladderSettings(route, credentials), silent);
  try {
    const connection = await ladder.connect(signal);
    await new Promise<void>((resolve) => connection.whenDecided(resolve));
    const { refusal, attempts } = connection;
    if (refusal !== undefined) return explain(refusal, attempts, route.upstream);
    const told = tell(connection);
    connection.socket.destroySoon();
    return told;
  } catch (error) {
    if (error instanceof ProxyError) return error;
    if (signal.aborted) return new ProxyError('internal', 'stopped before it was done', { source: 'internal' });
    throw error;
  } finally {
    ladder.retire();
  }
}

function tell({ negotiated, attempts, certificateEnd }: SecureConnection): string {
  const { protocol, cipher } = negotiated;
  const tried = attempts.map(({ offer, outcome }) => `${offer} ${outcome}`).join(', ');
  // As it was seen in the handshake: the server may have closed the connection by now.
  const days = daysLeft(isoTime(certificateEnd));
  const left = `${days} ${days === 1 ? 'day' : 'days'} left`;
  return `${protocol}, ${cipher} (${tried}); server certificate: ${left}`;
}

const silent = {
  handshake: () => undefined,
  tried: () => undefined,
  fallback: () => undefined,
  recovered: () => undefined,
  downgrade: () => undefined,
};
