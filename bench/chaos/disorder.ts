import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { chance } from '../../test/fixtures/chance.ts';
import type { ConnectProxy } from '../../test/fixtures/connect-proxy.ts';
import { flood } from './flood.ts';
import { mended, phases } from './phases.ts';
import { reloads, type Stage } from './reloads.ts';
import { mix } from './seeds.ts';
import type { ChaosUpstream } from './upstream.ts';
import type { Visits } from './visits.ts';
import type { World } from './world.ts';

/** Those who make disorder. */
export interface Cast {
  readonly upstreams: readonly ChaosUpstream[];
  /** Stands before one of them. */
  readonly far: ConnectProxy;
  readonly world: World;
  readonly visits: Visits;
  readonly stage: Stage;
}

/** What a CONNECT proxy may do instead of its work. */
const moods = [
  'reset',
  'close',
  'silent',
  ...[403, 502, 504].map((status) => {
    return { answer: `HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`, end: 'close' } as const;
  }),
] as const;

/**
 * Phases of all upstreams, visits of clients, floods and reloads, all at once for a while; asked once more, they go on where
 * they were. In the end all upstreams are well.
 *
 * @param clients visits at a time
 * @returns what makes it for so many milliseconds
 */
export function disorder({ upstreams, far, world, visits, stage }: Cast, seed: number, clients: number) {
  const courses = upstreams.map(({ spec }, n) => phases(spec.range, chance(mix(seed, 'phases', n))));
  const floods = chance(mix(seed, 'floods'));
  const times = chance(mix(seed, 'times'));
  const reloadOnce = reloads(stage, chance(mix(seed, 'reloads')));
  const temper = chance(mix(seed, 'far'));
  return async (milliseconds: number): Promise<void> => {
    const over = new AbortController();
    const { signal } = over;
    setMaxListeners(0, signal);
    const rest = async (ms: number): Promise<void> => {
      await pause(ms, undefined, { signal }).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error; // that is the end
      });
    };
    const again = async (act: () => Promise<void>): Promise<void> => {
      while (!signal.aborted) await act();
    };
    const phase = async (n: number): Promise<void> => {
      const next = courses[n]?.next().value ?? mended;
      upstreams[n]?.enter(next);
      await rest(next.hold);
    };
    const mood = async (): Promise<void> => {
      far.decide = () => 'tunnel';
      await rest(temper.pick([2_000, 5_000]));
      const action = temper.pick(moods);
      far.decide = () => action;
      await rest(temper.pick([300, 1_000]));
    };
    const rush = async (): Promise<void> => {
      await rest(floods.pick([8_000, 15_000]));
      if (!signal.aborted) await world.turn(() => flood(world, floods, visits.ids()));
    };
    const reload = async (): Promise<void> => {
      await rest(times.pick([500, 2_000, 5_000]));
      if (!signal.aborted) await reloadOnce();
    };
    const visit = async (): Promise<void> => rest(await visits.next());
    const acts = [
      ...upstreams.map((_, n) => again(() => phase(n))),
      ...[mood, rush, reload].map(again),
      ...Array.from({ length: clients }, () => again(visit)),
    ];
    const done = Promise.all(acts);
    await Promise.race([rest(milliseconds), done]).finally(() => over.abort());
    await done;
    far.decide = () => 'tunnel';
    for (const upstream of upstreams) upstream.enter(mended);
  };
}
