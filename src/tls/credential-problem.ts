import type { TlsSettings } from '../config/config.ts';

/** Where a problem is: one of a route's `tls` keys, and the place in its list or the key in its map. */
export interface CredentialPlace {
  readonly key: keyof TlsSettings;
  readonly within?: number | string;
}

/** Something wrong with what a route names; the message says what to change, and is no secret. */
export interface CredentialProblem extends CredentialPlace {
  /** A warning lets the proxy start: the server may see it otherwise, or time may mend it. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Collects the problems of one route. */
export class CredentialProblems {
  readonly all: CredentialProblem[] = [];

  /** What does not let the proxy start. */
  error(place: CredentialPlace, message: string): void {
    this.all.push({ severity: 'error', ...place, message });
  }

  /** What does. */
  warn(place: CredentialPlace, message: string): void {
    this.all.push({ severity: 'warning', ...place, message });
  }

  get failed(): boolean {
    return this.all.some(({ severity }) => severity === 'error');
  }
}
