import { Agent } from 'node:http';
import { send } from '../../test/fixtures/client.ts';
import { join, pki, trusting } from '../../test/fixtures/pair.ts';
import { replaceFiles, swap } from '../../test/fixtures/reload.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { startUpstream } from '../../test/fixtures/upstreams.ts';
import { descriptors, forgetPeak, measured, peak, resident } from '../../test/fixtures/vitals.ts';
import { type Check, growth, lostDescriptors, watching } from './check.ts';

const mebibyte = 1024 * 1024;

/** In MiB, above the memory after a tenth of the reloads. Each identity has contexts of OpenSSL, outside of V8's heap. */
const bounds = { peak: 48, growth: 12 };

/** Identities that are taken in turn. */
const turns = 8;

/** Requests at a time, all the while. */
const concurrency = 4;

/** Rotates the client certificate so many times, a tenth of them before anything is measured, under requests. */
export async function reloads(scope: Scope, count: number): Promise<Check[]> {
  const up = await startUpstream(scope, { ...trusting, keep: false });
  const { proxy, url } = await join(scope, up, { route: { pool: { idleTimeout: '1s' } }, env: measured });
  const { pid } = proxy;
  const identities = await Promise.all(
    Array.from({ length: turns }, (_, n) => pki.ca.issue({ name: `client-${n}`, usage: 'client' })),
  );
  let generation = 1;
  const rotate = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      const { chain, key } = identities[generation % turns] ?? pki.client;
      const line = await swap(proxy, async () => {
        await replaceFiles(proxy.directory, { 'client.crt': chain, 'client.key': key });
        proxy.signal('SIGHUP');
      });
      generation = Number(line['generation']);
    }
  };
  const before = (await descriptors(pid)).length;
  const wrong: string[] = [];
  let sent = 0;
  let running = true;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const work = async (): Promise<void> => {
    while (running) {
      const { status } = await send(url, { agent });
      sent += 1;
      if (status !== 200) wrong.push(String(status));
    }
  };
  const workers = Promise.all(Array.from({ length: concurrency }, work));
  await rotate(count / 10);
  const start = await resident(pid);
  await forgetPeak(pid);
  const highest = await watching(pid, rotate(count - count / 10));
  const figure = ((await peak(pid)) - start) / mebibyte;
  running = false;
  await workers;
  agent.destroy();
  const part = `${count} reloads under load`;
  const lost = await lostDescriptors(part, pid, before);
  await proxy.stop();
  console.log(`${part}: ${sent} requests beside them\n`);
  return [
    { part, what: 'MiB of memory above the first tenth, at most', figure, bound: bounds.peak },
    growth(part, highest, bounds.growth),
    lost,
    { part, what: 'requests that failed', figure: wrong.length, bound: 0, detail: wrong },
    { part, what: 'generations too many or missing', figure: Math.abs(generation - 1 - count), bound: 0 },
  ];
}
