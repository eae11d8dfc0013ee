import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { clock } from '../clock.ts';

type Answered = Parameters<LookupFunction>[2];
type Found = readonly [string | LookupAddress[], number | undefined];

interface Asked {
  /** By `clock`, in milliseconds: until then the answer is good. Infinity as long as there is none. */
  until: number;
  found: Found | undefined;
  readonly waiting: Answered[];
}

/** How long an answer of the resolver's is used again, in milliseconds. */
const fresh = 1_000;

/**
 * Looks names up as `dns.lookup` does, but asks the resolver once a second at most for each: who asks meanwhile gets the same answer, or
 * waits for it. Where many connections are made at once, as after a reset of them all, the resolver is asked once, and a slow one does
 * not keep the threads that Node has for it and for files. A failure is told to those who wait, and kept for nobody.
 *
 * @param ask what is asked in the end
 */
export function sharedLookup(ask: typeof lookup = lookup): LookupFunction {
  const known = new Map<string, Asked>();
  return (hostname, options, answer) => {
    const key = `${hostname} ${options.family ?? 0} ${options.hints ?? 0} ${options.all === true}`;
    const before = known.get(key);
    if (before !== undefined && before.until > clock()) {
      const { found } = before;
      if (found === undefined) before.waiting.push(answer);
      else queueMicrotask(() => answer(null, ...(found as [string, number])));
      return;
    }
    const asked: Asked = { until: Number.POSITIVE_INFINITY, found: undefined, waiting: [answer] };
    known.set(key, asked);
    ask(hostname, options as LookupOptions, (error, address, family) => {
      if (error === null) {
        asked.found = [address, family];
        asked.until = clock() + fresh;
      } else {
        known.delete(key);
      }
      for (const each of asked.waiting.splice(0)) each(error, address as string, family);
    });
  };
}
