import type { RouteSettings, Version } from '../config/config.ts';
import type { Attempt } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Credentials } from '../tls/credentials.ts';
import { Ladder } from '../tls/ladder.ts';
import type { Offer } from '../tls/offers.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { type CertificateEnd, endOf } from '../tls/validity.ts';
import { ExpiryWatch } from './expiry.ts';
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
  readonly #expiry: ExpiryWatch;

  constructor(route: RouteSettings, credentials: Credentials, logger: Logger) {
    this.name = nameOf(route);
    this.#expiry = new ExpiryWatch(route.name, credentials.ends, logger);
    const observer = new HandshakeLog(route.name, this.name, logger, this.#expiry);
    this.#ladder = new Ladder(ladderSettings(route, credentials), observer);
    this.pool = new Pool(route.pool, (signal) => this.#ladder.connect(signal));
  }

  /** Our certificate, its chain, and the last one that the server showed. */
  get certificates(): readonly CertificateEnd[] {
    return this.#expiry.certificates;
  }

  /** Lets running requests finish, and nothing new begin. */
  retire(): void {
    this.#expiry.end();
    this.#ladder.retire();
    this.pool.retire();
  }

  /** Ends everything at once. */
  destroy(): void {
    this.#expiry.end();
    this.#ladder.retire();
    this.pool.destroy();
  }
}

/** Writes what a ladder finds out, under the fixed messages of the log. */
class HandshakeLog {
  readonly #where: { readonly route: string; readonly upstream: string };
  readonly #logger: Logger;
  readonly #expiry: ExpiryWatch;

  constructor(route: string, upstream: string, logger: Logger, expiry: ExpiryWatch) {
    this.#where = { route, upstream };
    this.#logger = logger;
    this.#expiry = expiry;
  }

  handshake({ negotiated, offer, attempts, socket }: SecureConnection, ms: number): void {
    // A resumed handshake shows no certificate.
    const shown = negotiated.resumed ? undefined : socket.getPeerX509Certificate();
    if (shown !== undefined) this.#expiry.saw(endOf('server', shown));
    this.#logger.info({ ...this.#where, ...negotiated, offer: offer.name, attempts, ms }, 'handshake');
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
