import type { Logger } from '../log.ts';
import { type CertificateEnd, daysLeft, endsSoon } from '../tls/validity.ts';

const day = 24 * 60 * 60 * 1000;

/** The time, for those who want to see it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back again and again after so many milliseconds, and keeps no process alive; gives what ends that. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

const real: Clock = {
  now: Date.now,
  every: (ms, callback) => {
    const timer = setInterval(callback, ms).unref();
    return () => clearInterval(timer);
  },
};

/**
 * Warns of the certificates of one route that end soon or have ended: as soon as they are known, and daily.
 */
export class ExpiryWatch {
  readonly #route: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #own: readonly CertificateEnd[];
  readonly #stop: () => void;
  #server: CertificateEnd | undefined;

  /** @param own ours and its chain, which a route keeps as long as it lives */
  constructor(route: string, own: readonly CertificateEnd[], logger: Logger, clock: Clock = real) {
    this.#route = route;
    this.#own = own;
    this.#logger = logger;
    this.#clock = clock;
    this.#tell(own);
    this.#stop = clock.every(day, () => this.#tell(this.certificates));
  }

  /** All certificates, the server's last one included, if it has shown one. */
  get certificates(): readonly CertificateEnd[] {
    return this.#server === undefined ? this.#own : [...this.#own, this.#server];
  }

  /** Takes the certificate that the server showed in a full handshake; one that is known says nothing new. */
  saw(server: CertificateEnd): void {
    const { subject, notAfter } = this.#server ?? {};
    if (server.subject === subject && server.notAfter === notAfter) return;
    this.#server = server;
    this.#tell([server]);
  }

  /** No more warnings: the route is gone. */
  end(): void {
    this.#stop();
  }

  #tell(certificates: readonly CertificateEnd[]): void {
    const now = this.#clock.now();
    for (const certificate of certificates) {
      if (!endsSoon(certificate, now)) continue;
      const { kind, subject, notAfter } = certificate;
      const fields = { route: this.#route, kind, subject, notAfter, daysLeft: daysLeft(notAfter, now) };
      this.#logger.warn(fields, 'certificate');
    }
  }
}
