/**
 * Whether anything is lost, doubled, mixed up or left behind while everything goes wrong: `npm run chaos`.
 *
 * The built command on loopback, between upstreams and clients that misbehave, with reloads in between. A seed decides what
 * they do, not what meets what: the same --seed makes the same phases, visits and reloads, but never the same run. Ends by
 * itself, some twenty seconds after --minutes or --seconds; exit 1 if something is not as it must be. Linux.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { report } from './chaos/report.ts';
import { runChaos } from './chaos/run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    clients: { type: 'string', default: '16' },
  },
});

const seconds = Number(values.seconds ?? Number(values.minutes) * 60);
const seed = Number(values.seed ?? randomInt(2 ** 31));
const clients = Number(values.clients);

/** What mending and looking may take besides, in seconds. */
const grace = 400;

const started = performance.now();
const tell = (what: string): void => console.log(`${Math.round((performance.now() - started) / 1000)} s: ${what}`);

const late = setTimeout(
  () => {
    console.error(`not over after ${seconds + grace} s; ${process.getActiveResourcesInfo().join(' ')}`);
    process.exit(1);
  },
  (seconds + grace) * 1000,
);

const ends: (() => unknown)[] = [];
console.log(`chaos for ${seconds} s, seed ${seed}, Node ${process.versions.node}`);
try {
  const scope = { teardown: (end: () => unknown) => ends.push(end) };
  const outcome = await runChaos(scope, { seconds, seed, clients, tell });
  report(outcome, seed);
  if (outcome.violations.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  // Some of what was broken on this side may never close by itself; it ends with this process.
  for (const end of ends.reverse()) await Promise.race([end(), pause(5_000)]);
  clearTimeout(late);
}
process.exit();
