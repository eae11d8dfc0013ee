import type { Config, RouteSettings } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import { LastHead } from '../proxy/last-head.ts';
import { bySpecificity } from '../proxy/router.ts';
import { shellOf } from '../proxy/shell.ts';
import type { Site } from '../proxy/site.ts';
import type { LiveRoute } from '../proxy/task.ts';
import { Upstream, type UpstreamWitnesses } from '../upstream/upstream.ts';
import type { Sound } from './prepare.ts';

/** What a route's ladder has found out, for those of other processes that have the same route. */
export interface Learned {
  readonly route: string;
  /** Of the route, with all that it names. */
  readonly digest: string;
  /** Of the offer that works, 0 for the top. */
  readonly index: number;
  /** Nobody else tries the higher ones any more. */
  readonly retry?: boolean;
}

/** What every snapshot of one process logs and counts with. */
export interface Witnesses {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whom a ladder's findings are told besides. */
  readonly learned?: (learned: Learned) => void;
}

/** An immutable running configuration: what a request takes once and keeps to its end. */
export class Snapshot {
  /** Counts the configurations that have run, from 1. */
  readonly generation: number;
  /** What it was made of. */
  readonly sound: Sound;
  /** Ordered by specificity. */
  readonly routes: readonly LiveRoute[];
  readonly #witnesses: Witnesses;
  readonly #sites = new Map<string, Site>();

  /**
   * Brings a configuration to life. Routes of `before` of which nothing has changed go on in it, with their connections,
   * sessions and what their ladders know; the others begin anew.
   */
  constructor(sound: Sound, witnesses: Witnesses, before?: Snapshot) {
    const routes = sound.routes.map(
      ([settings, credentials]) =>
        before?.unchanged(settings.name, sound) ??
        liveRoute(settings, new Upstream(settings, credentials, witnessesOf(settings.name, sound, witnesses))),
    );
    this.generation = (before?.generation ?? 0) + 1;
    this.sound = sound;
    this.routes = bySpecificity(routes);
    this.#witnesses = witnesses;
  }

  get config(): Config {
    return this.sound.config;
  }

  get guard(): GuardSettings {
    return this.sound.guard;
  }

  /** The running route of a name, if another configuration says the same of it. */
  unchanged(name: string, { routeDigests }: Sound): LiveRoute | undefined {
    if (routeDigests.get(name) !== this.sound.routeDigests.get(name)) return undefined;
    return this.routes.find(({ settings }) => settings.name === name);
  }

  /** Takes over what another process has found out, if it is about a route that is the same here. */
  adopt({ route: name, digest, index, retry = false }: Learned): void {
    if (this.sound.routeDigests.get(name) !== digest) return;
    this.routes.find(({ settings }) => settings.name === name)?.upstream.adopt(index, retry);
  }

  /** What a request meets that came in by a listener, which is named as in the configuration. */
  site(listener: string): Site {
    const known = this.#sites.get(listener);
    if (known !== undefined) return known;
    const site = { key: Symbol('site'), routes: this.routes, listener, guard: this.guard, ...this.#witnesses };
    this.#sites.set(listener, site);
    return site;
  }
}

/** What is different between two configurations besides their listeners, in words; nothing before the first one. */
export function changedBetween(before: Sound | undefined, after: Sound): string[] {
  if (before === undefined) return ['started'];
  const named = (kind: string, from: Digests, to: Digests): string[] => {
    const removed = [...from.keys()].filter((name) => !to.has(name)).map((name) => `${kind}${name} removed`);
    const rest = [...to].flatMap(([name, digest]) => {
      if (!from.has(name)) return `${kind}${name} added`;
      return from.get(name) === digest ? [] : `${kind}${name}`;
    });
    return [...rest, ...removed];
  };
  return [
    ...named('route ', before.routeDigests, after.routeDigests),
    ...named('', before.keyDigests, after.keyDigests),
  ];
}

type Digests = ReadonlyMap<string, string>;

/** Not within the constructor: what is made there holds on to the snapshot before, and so to all that ever were. */
function witnessesOf(
  route: string,
  { routeDigests }: Sound,
  { logger, metrics, learned }: Witnesses,
): UpstreamWitnesses {
  const digest = routeDigests.get(route) as string;
  return { logger, metrics, ...(learned && { learned: (index: number) => learned({ route, digest, index }) }) };
}

function liveRoute(settings: RouteSettings, upstream: Upstream): LiveRoute {
  const { authority, path } = settings.upstream;
  return { settings, upstream, last: new LastHead(), forward: shellOf(`https://${authority}${path}`) };
}
