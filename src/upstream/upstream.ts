import type { RouteSettings, Version } from '../config/config.ts';
import type { Attempt, Cause } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Credentials } from '../tls/credentials.ts';
import { Ladder } from '../tls/ladder.ts';
import type { Offer } from '../tls/offers.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { ladderSettings, nameOf } from './ladder-settings.ts';
import { Pool } from './pool.ts';

/**
 * The other side of one route: its ladder, its sessions and its pool. Nothing of it is shared between routes, even
 * where two name the same host, because every part of it stands for an identity.
 */
export class Upstream {
  /** `host:port`, as logs and problem documents name it. */
  readonly name: string;
  readonly pool: Pool;
  readonly #ladder: Ladder;

  constructor(route: RouteSettings, credentials: Credentials, logger: Logger) {
    this.name = nameOf(route);
    this.#ladder = new Ladder(ladderSettings(route, credentials), new HandshakeLog(route.name, this.name, logger));
    this.pool = new Pool(route.pool, (signal) => this.#ladder.connect(signal));
  }

  /** Lets running requests finish, and nothing new begin. */
  retire(): void {
    this.#ladder.retire();
    this.pool.retire();
  }

  /** Ends everything at once. */
  destroy(): void {
    this.#ladder.retire();
    this.pool.destroy();
  }
}

/** Writes what a ladder finds out, under the fixed messages of the log. */
class HandshakeLog {
  readonly #where: { readonly route: string; readonly upstream: string };
  readonly #logger: Logger;

  constructor(route: string, upstream: string, logger: Logger) {
    this.#where = { route, upstream };
    this.#logger = logger;
  }

  handshake({ negotiated, offer, attempts }: SecureConnection, ms: number): void {
    this.#logger.info({ ...this.#where, ...negotiated, offer: offer.name, attempts, ms }, 'handshake');
  }

  /** At a level of its own: who asked is told by the request's line, and a trial in the background may fail for weeks. */
  tried(attempts: readonly Attempt[], cause: Cause | undefined): void {
    this.#logger.debug({ ...this.#where, attempts, cause }, 'handshake');
  }

  fallback(from: Offer, to: Offer, { outcome, code }: Attempt): void {
    this.#logger.warn({ ...this.#where, from: from.name, to: to.name, outcome, code }, 'fallback');
  }

  downgrade({ negotiated }: SecureConnection, sentinel: Version): void {
    this.#logger.warn({ ...this.#where, protocol: negotiated.protocol, sentinel }, 'downgrade');
  }

  recovered({ negotiated, offer }: SecureConnection): void {
    this.#logger.info({ ...this.#where, protocol: negotiated.protocol, offer: offer.name }, 'recovered');
  }
}
