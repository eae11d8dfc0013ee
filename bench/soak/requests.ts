import { type Load, load, unaccounted } from '../../test/fixtures/load.ts';
import { startLoadUpstream } from '../../test/fixtures/load-upstream.ts';
import { join, trusting } from '../../test/fixtures/pair.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { connectionsTo, descriptors, forgetPeak, measured, peak, resident } from '../../test/fixtures/vitals.ts';
import { type Check, lostDescriptors, watching } from './check.ts';

const mebibyte = 1024 * 1024;

const maxConnections = 16;

/** Clients at a time: more than the pool has connections, so that requests wait and their clients leave then, too. */
const concurrency = 32;

/**
 * What memory may be above that after the warm-up, in MiB: when all is quiet again, and at the worst moment. Of 100,000
 * requests the first is some 330 bytes each, less than the smallest object that belongs to one.
 */
const bounds = { end: 32, peak: 64 };

/** Makes so many requests of mixed kind, one in ten given up by its client; a tenth of them before anything is measured. */
export async function requests(scope: Scope, count: number, seed: number): Promise<Check[]> {
  const up = await startLoadUpstream(scope, trusting);
  const { proxy, url } = await join(scope, up, {
    route: { pool: { maxConnections, idleTimeout: '1s' } },
    env: measured,
  });
  const { pid, log } = proxy;
  const before = (await descriptors(pid)).length;
  const part = `${count} requests, 10 % given up`;
  const warm = await load({ url, requests: count / 10, seed, concurrency });
  const start = await resident(pid);
  await forgetPeak(pid);
  const loads = [warm];
  const work = async (): Promise<void> => {
    loads.push(await load({ url, requests: count - count / 10, seed, concurrency, from: count / 10 }));
  };
  const limit = { limit: maxConnections, count: () => connectionsTo(up.port) };
  const { over } = await watching(pid, work(), limit);
  const highest = ((await peak(pid)) - start) / mebibyte;
  const lost = await lostDescriptors(part, pid, before);
  const end = ((await resident(pid)) - start) / mebibyte;
  await proxy.stop();
  const wrong = loads.flatMap((one) => one.wrong);
  const expected = new Map(loads.flatMap((one) => [...one.expected]));
  const missing = unaccounted({ expected }, log.all());
  console.log(`${part}: ${tell(loads)}; ${log.all('handshake').length} handshakes\n`);
  return [
    { part, what: 'MiB of memory above the warm-up, at the end', figure: end, bound: bounds.end },
    { part, what: 'MiB of memory above the warm-up, at most', figure: highest, bound: bounds.peak },
    lost,
    { part, what: 'answers that were not as they should', figure: wrong.length, bound: 0, detail: wrong },
    {
      part,
      what: 'requests not logged once with their cause',
      figure: missing.length,
      bound: 0,
      detail: missing,
    },
    // One that closes and its successor may both be seen in one sample.
    { part, what: 'samples in a row above the pool limit', figure: over, bound: 1 },
  ];
}

function tell(loads: readonly Load[]): string {
  const sums = new Map<string, number>();
  for (const { kinds } of loads) for (const [kind, n] of kinds) sums.set(kind, (sums.get(kind) ?? 0) + n);
  return [...sums].map(([kind, n]) => `${n} ${kind}`).join(', ');
}
