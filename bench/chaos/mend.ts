import { setTimeout as pause } from 'node:timers/promises';
import { chance } from '../../test/fixtures/chance.ts';
import type { Proxy as RunningProxy } from '../../test/fixtures/proxy.ts';
import { hear } from './clients.ts';
import { type Asked, idIn } from './ledger.ts';
import { order, wholeOf } from './requests.ts';
import { ladderOf, type RouteSpec } from './routes.ts';
import type { Visits } from './visits.ts';
import { quiet } from './vitals.ts';
import { dial, hangUp, put, type World } from './world.ts';

/** How long it may take until all is well again, in milliseconds; it takes some ten seconds. */
const patience = 90_000;

/**
 * Waits, with all upstreams well, until every route serves again by its best offer, and then until nothing is under way and
 * no connection is left.
 */
export async function mend(proxy: RunningProxy, world: World, visits: Visits): Promise<void> {
  await Promise.all(world.routes.map((spec) => returned(proxy, world, visits, spec)));
  for (const text of await quiet(proxy)) world.ledger.broken({ rule: 'pools come to rest', text });
  if (world.wires.size > 0) throw new Error(`${world.wires.size} clients did not leave`);
}

async function returned({ log }: RunningProxy, world: World, visits: Visits, spec: RouteSpec): Promise<void> {
  const [top] = ladderOf(spec);
  const end = performance.now() + patience;
  for (;;) {
    const from = log.lines.length;
    const { id, seen: { status } = {} } = await ask(world, visits, spec);
    // Its own line is the last of those that tell of it, and may be written a little later.
    if (status !== undefined) await log.next(({ msg, path }) => msg === 'request' && idIn(String(path)) === id, from);
    const made = log.lines.all().slice(from);
    const handshake = made.findLast(
      (line) => line.msg === 'handshake' && line.level === 30 && line.route === spec.name,
    );
    if (status === 200 && handshake?.offer === top) return;
    if (performance.now() > end) {
      const text = `${status} by ${handshake?.offer} after ${patience / 1000} s`;
      world.ledger.broken({ rule: 'what is mended is used again', route: spec.name, text });
      return;
    }
    await pause(300);
  }
}

/** One request that must not be sent twice. Its answer is the last on its connection, so that the next one needs another. */
async function ask(world: World, visits: Visits, route: RouteSpec): Promise<Asked> {
  const dice = chance(0);
  const line = await dial(world);
  const wishes = { route, kind: 'mend', method: 'POST', wanted: 'last', size: 100 };
  const one = order(world.ledger, visits.ids()(), dice, wishes);
  put(line, wholeOf(one));
  await hear(world, line, one);
  await hangUp(line, dice);
  return one.asked;
}
