import type { RouteSettings } from '../config/config.ts';
import { ProxyError } from '../errors.ts';
import type { Sound } from '../server/prepare.ts';
import type { Credentials } from '../tls/credentials.ts';
import { explain } from '../tls/explain.ts';
import { Ladder } from '../tls/ladder.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { daysLeft } from '../tls/validity.ts';
import { ladderSettings } from '../upstream/ladder-settings.ts';
import type { Io } from './io.ts';

/**
 * `check --live`: one connection for each route, made as a request would make it, and closed when the server has
 * accepted it. Prints a line each.
 *
 * @returns whether all went well
 */
export async function checkLive(routes: Sound['routes'], io: Io): Promise<boolean> {
  // All at once, for each has time-outs of its own; told in the order of the configuration.
  const tried = await Promise.all(routes.map(([route, credentials]) => tryRoute(route, credentials, io.signal)));
  let good = true;
  for (const [index, [{ name }]] of routes.entries()) {
    const error = tried[index];
    good &&= !(error instanceof ProxyError);
    io.stdout.write(`${name}: ${error instanceof ProxyError ? `failed: ${error.message}` : error}\n`);
  }
  return good;
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
  const days = daysLeft(new Date(certificateEnd).toISOString());
  const left = `${days} ${days === 1 ? 'day' : 'days'} left`;
  return `ok: ${protocol}, ${cipher} (${tried}); server certificate: ${left}`;
}

const silent = {
  handshake: () => undefined,
  tried: () => undefined,
  fallback: () => undefined,
  recovered: () => undefined,
  downgrade: () => undefined,
};
