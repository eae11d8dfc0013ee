import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../test/fixtures/chance.ts';
import { order, wholeOf } from './requests.ts';
import { connectionLimit } from './routes.ts';
import { dial, hangUp, put, type World } from './world.ts';

/** More clients at once than there are places for: silent ones, slow ones, and such that ask. They leave after a while. */
export async function flood(world: World, dice: Chance, id: () => string): Promise<void> {
  world.roomy = false;
  const lines = [];
  // Beyond the limit some hear why, and those beyond these do not.
  for (let n = connectionLimit + dice.pick([10, 60, 90]); n > 0; n -= 1) {
    const line = await dial(world);
    lines.push(line);
    if (dice.one(3)) continue;
    const route = dice.pick(world.routes);
    const one = order(world.ledger, id(), dice, { route, kind: 'flood', standing: 'loose', size: 0 });
    put(line, dice.one(2) ? one.head.slice(0, -5) : wholeOf(one));
  }
  await pause(dice.pick([0, 100, 1_000]));
  await Promise.all(lines.map((line) => hangUp(line, dice)));
  // The proxy hears of it when it comes to it.
  await pause(2_000);
  world.roomy = true;
}
