import { hrtime } from 'node:process';

/**
 * Milliseconds of a clock that nobody sets, since some point in the past: for time-outs and for how long something took. As
 * `performance.now()`, for which Node loads all that it has to measure itself.
 */
export function clock(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
