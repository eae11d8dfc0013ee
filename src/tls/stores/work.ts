import { damaged, KeystoreError, rewrite } from './fault.ts';

/**
 * The highest iteration count of one key derivation: the JDK's own limit (PKCS12KeyStore), so every store of keytool is under
 * it. Its default is 10,000, that of OpenSSL 2,048; advice for passwords of people goes to 1,300,000.
 */
const maxIterations = 5_000_000;

/** Key derivation for one store, counted in iterations, so that no file can make the proxy compute for ever. */
export class Work {
  readonly #limit: number;
  #spent = 0;

  /** @param limit all iterations for the store together, those of every password tried included */
  constructor(limit: number = 2 * maxIterations) {
    this.#limit = limit;
  }

  /** How many iterations were allowed so far. */
  get spent(): number {
    return this.#spent;
  }

  /**
   * Called before the work is done.
   *
   * @throws KeystoreError where a count is impossible, or too high
   */
  spend(iterations: number, blocks = 1): void {
    if (!(iterations >= 1)) throw damaged('an iteration count below 1');
    const sum = this.#spent + iterations * blocks;
    if (iterations > maxIterations || sum > this.#limit) {
      throw new KeystoreError(
        'algorithm',
        `its key derivation takes ${iterations} iterations, more than are done here for one store; ${rewrite}`,
      );
    }
    this.#spent = sum;
  }
}
