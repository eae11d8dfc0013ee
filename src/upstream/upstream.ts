import { X509Certificate } from 'node:crypto';
import type { Version } from '../config/config.ts';
import type { Attempt } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { HandshakeRecord } from '../stats/route-stats.ts';
import type { Credentials } from '../tls/credentials.ts';
import { Ladder } from '../tls/ladder.ts';
import type { LadderState, TriedEnd } from '../tls/ladder-view.ts';
import type { Offer } from '../tls/offers.ts';
import type { SecureConnection } from '../tls/secure-connection.ts';
import { type CertificateEnd, endOf } from '../tls/validity.ts';
import { ExpiryWatch } from './expiry.ts';
import { ladderSettings, nameOf, type UpstreamSettings } from './ladder-settings.ts';
import { Pool } from './pool.ts';

/** Who hears of an upstream. */
export interface UpstreamWitnesses {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Told the index of the offer that works, whenever it is another one than before. */
  readonly learned?: (index: number) => void;
}

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

  constructor(route: UpstreamSettings, credentials: Credentials, { logger, metrics, learned }: UpstreamWitnesses) {
    this.name = nameOf(route);
    metrics.begin(route.name);
    this.#expiry = new ExpiryWatch(route.name, credentials.ends, logger);
    const observer = new HandshakeLog(route.name, this.name, logger, metrics, this.#expiry);
    this.#ladder = new Ladder(ladderSettings(route, credentials), observer, { ...(learned && { learned }) });
    this.pool = new Pool(route.pool, (signal) => this.#ladder.connect(signal));
  }

  /** Our certificate, its chain, and the last one that the server showed. */
  get certificates(): readonly CertificateEnd[] {
    return this.#expiry.certificates;
  }

  /**
   * Takes over what another process has found out of its offers.
   *
   * @param retry whether to try the higher ones in the background, because nobody else does
   */
  adopt(index: number, retry: boolean): void {
    this.#ladder.adopt(index, retry);
  }

  /** What is known of the offers it takes. */
  get ladder(): LadderState {
    return this.#ladder.state;
  }

  /** Lets running requests finish, and what waits for a connection have one; resolves when nothing of it is left. */
  retire(): Promise<void> {
    this.#expiry.end();
    this.#ladder.retire();
    return this.pool.retire();
  }

  /** Ends everything at once. */
  destroy(): void {
    this.#expiry.end();
    this.#ladder.retire();
    this.pool.destroy();
  }
}

/** Writes what a ladder finds out, under the fixed messages of the log, and counts it. */
class HandshakeLog {
  readonly #where: { readonly route: string; readonly upstream: string };
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #expiry: ExpiryWatch;
  #serverEnd = NaN;

  constructor(route: string, upstream: string, logger: Logger, metrics: Metrics, expiry: ExpiryWatch) {
    this.#where = { route, upstream };
    this.#logger = logger;
    this.#metrics = metrics;
    this.#expiry = expiry;
  }

  handshake(connection: SecureConnection, ms: number): void {
    const { negotiated, offer, attempts, socket, certificateEnd } = connection;
    this.#count(attempts, negotiated.protocol);
    // A resumed handshake shows no certificate, and reading one costs time: it is read when it is another one.
    if (!Number.isNaN(certificateEnd) && certificateEnd !== this.#serverEnd) {
      this.#serverEnd = certificateEnd;
      this.#expiry.saw(endOf('server', new X509Certificate(socket.getPeerCertificate().raw)));
    }
    const record = this.#record({ ms, purpose: 'request', ...negotiated, offer: offer.name, attempts });
    if (connection.consent === 'pending') {
      connection.whenDecided(() => {
        record.cause = connection.refusal?.cause;
      });
    }
    const line = { ...this.#where, ...negotiated, offer: offer.name, attempts, ms };
    if (this.#logger.handshake === undefined) this.#logger.info(line, 'handshake');
    else this.#logger.handshake(line);
  }

  /** At a level of its own: who asked is told by the request's line, and a trial in the background may fail for weeks. */
  tried(attempts: readonly Attempt[], end: TriedEnd): void {
    this.#count(attempts, end.protocol);
    const ms = attempts.reduce((sum, attempt) => sum + attempt.ms, 0);
    const { trial, ...came } = end;
    this.#record({ ms, purpose: trial === true ? 'trial' : 'request', ...came, attempts });
    this.#logger.debug({ ...this.#where, attempts, ...end }, 'handshake');
  }

  fallback(from: Offer, to: Offer, { outcome, code }: Attempt): void {
    this.#metrics.fallback(this.#where.route, from.name, to.name);
    this.#logger.warn({ ...this.#where, from: from.name, to: to.name, outcome, code }, 'fallback');
  }

  downgrade({ negotiated }: SecureConnection, sentinel: Version): void {
    this.#metrics.downgrade(this.#where.route);
    this.#logger.warn({ ...this.#where, protocol: negotiated.protocol, sentinel }, 'downgrade');
  }

  recovered({ negotiated, offer }: SecureConnection): void {
    this.#logger.info({ ...this.#where, protocol: negotiated.protocol, offer: offer.name }, 'recovered');
  }

  #record(handshake: Omit<HandshakeRecord, 'at'>): HandshakeRecord {
    const record = { at: Date.now(), ...handshake };
    this.#metrics.record(this.#where.route, record);
    return record;
  }

  #count(attempts: readonly Attempt[], protocol: string | undefined): void {
    for (const { outcome, ms } of attempts) {
      this.#metrics.handshake(this.#where.route, outcome === 'ok' ? protocol : undefined, outcome, ms / 1000);
    }
  }
}
