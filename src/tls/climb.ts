import type { Attempt } from '../errors.ts';
import type { SecureConnection } from './secure-connection.ts';

/** The reason with which `timeouts.ladder` aborts attempts. */
export const ladderTimeout = new Error('ladder timeout');

/** A signal that follows another, not aborted yet, and, after so many milliseconds, aborts by itself; `release` ends both. */
export function within(
  ms: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(ladderTimeout), ms);
  signal.addEventListener('abort', follow, { once: true });
  const release = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  };
  return { signal: controller.signal, release };
}

/** What a climb came to. */
export interface Climbed {
  readonly connection: SecureConnection;
  readonly index: number;
}

/** One way up the ladder on behalf of all who ask meanwhile. It ends when nobody waits for it any more. */
export class Climb {
  /** What was tried so far, first by who led to it or joined it, before he did, then by the climb; all of it is told with the end. */
  readonly attempts: Attempt[];
  /** Its end is told: what is added to its attempts now, nobody would hear of. */
  over = false;
  readonly #controller = new AbortController();
  readonly #result: Promise<Climbed>;
  readonly #done: () => void;
  #waiting = 0;
  #taken = false;

  /**
   * @param attempts those that led to it
   * @param deadline in milliseconds from now
   * @param done called once this climb is no longer one to join
   */
  constructor(
    attempts: readonly Attempt[],
    run: (climb: Climb, signal: AbortSignal) => Promise<Climbed>,
    deadline: number,
    done: () => void,
  ) {
    this.attempts = [...attempts];
    this.#done = done;
    const timer = setTimeout(() => this.#controller.abort(ladderTimeout), deadline);
    this.#result = run(this, this.#controller.signal).finally(() => {
      clearTimeout(timer);
      done();
    });
  }

  /**
   * Waits for the end; the first who does gets the connection, the others only learn the offer's index.
   *
   * @param signal not aborted yet
   */
  join(signal: AbortSignal): Promise<{ connection: SecureConnection | undefined; index: number }> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting -= 1;
        reject(signal.reason);
        if (this.#waiting > 0) return;
        this.#done();
        this.#controller.abort(signal.reason);
      };
      this.#waiting += 1;
      signal.addEventListener('abort', leave, { once: true });
      this.#result.then(
        ({ connection, index }) => {
          signal.removeEventListener('abort', leave);
          if (!signal.aborted) {
            resolve({ connection: this.#taken ? undefined : connection, index });
            this.#taken = true;
          } else if (this.#waiting === 0) {
            connection.socket.destroy();
          }
        },
        (reason: unknown) => {
          signal.removeEventListener('abort', leave);
          reject(reason);
        },
      );
    });
  }
}
