import { Readable } from 'node:stream';
import { open } from '../../test/fixtures/client.ts';
import { startLoadUpstream } from '../../test/fixtures/load-upstream.ts';
import { join, trusting } from '../../test/fixtures/pair.ts';
import { readSlowly } from '../../test/fixtures/slow-reader.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { descriptors, forgetPeak, measured, peak, resident } from '../../test/fixtures/vitals.ts';
import { type Check, lostDescriptors, watching } from './check.ts';

const mebibyte = 1024 * 1024;

/**
 * What the peak may be above the memory after a warm-up, in MiB. Back-pressure holds a few hundred KiB: two sockets'
 * high-water marks and a chunk each. The rest is garbage: each chunk of 64 KiB is a buffer of its own outside V8's heap,
 * and V8 lets some tens of MiB of these pile up before it collects.
 */
const bound = 48;

/** Behind each 4 MiB, in milliseconds. */
const slow = 60;

/** Sends so many MiB up past a slow upstream, and down past a slow client, one after the other. */
export async function transfers(scope: Scope, mebibytes: number): Promise<Check[]> {
  const up = await startLoadUpstream(scope, trusting);
  const { proxy, url } = await join(scope, up, { route: { pool: { idleTimeout: '1s' } }, env: measured });
  const { pid } = proxy;
  const before = (await descriptors(pid)).length;
  const send = async (size: number, pause: number): Promise<void> => {
    const body = Readable.from(repeated(size));
    const { response } = open(`${url}/answer/up?slow=${pause}`, { method: 'PUT', body });
    const answer = await response;
    answer.resume();
    const arrived = Number(answer.headers['x-received']);
    if (arrived !== size) throw new Error(`${arrived} of ${size} bytes arrived at the upstream`);
  };
  const take = async (size: number, pause: number): Promise<void> => {
    const { response } = open(`${url}/source/down?size=${size}`);
    const arrived = await readSlowly(await response, pause);
    if (arrived !== size) throw new Error(`${arrived} of ${size} bytes arrived at the client`);
  };
  for (let n = 0; n < 3; n += 1) {
    await send(64 * mebibyte, 1);
    await take(64 * mebibyte, 1);
  }
  const checks: Check[] = [];
  for (const [way, transfer] of [
    ['up', send],
    ['down', take],
  ] as const) {
    const part = `${mebibytes} MiB ${way}, past a slow reader`;
    const start = await resident(pid);
    await forgetPeak(pid);
    const highest = await watching(pid, transfer(mebibytes * mebibyte, slow));
    const figure = ((await peak(pid)) - start) / mebibyte;
    checks.push({ part, what: 'MiB of memory above the start, at most', figure, bound });
    const more = highest.descriptors - before;
    checks.push({ part, what: 'descriptors more than at the start, at most', figure: more, bound: 3 });
  }
  checks.push(await lostDescriptors('after both', pid, before));
  await proxy.stop();
  return checks;
}

function* repeated(size: number): Generator<Buffer> {
  const piece = Buffer.alloc(mebibyte, 'local-mtls-proxy\n');
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, left);
}
