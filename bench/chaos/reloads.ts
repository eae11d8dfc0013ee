import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../test/fixtures/chance.ts';
import { send } from '../../test/fixtures/client.ts';
import type { Pki } from '../../test/fixtures/pki.ts';
import type { LogLine, Proxy as RunningProxy } from '../../test/fixtures/proxy.ts';
import { reconfigure, refusal, reloading, replaceFiles, swap } from '../../test/fixtures/reload.ts';
import type { Ledger } from './ledger.ts';
import { configOf, type Place } from './routes.ts';
import { deal } from './seeds.ts';
import { patiently, type Turn } from './world.ts';

/** What is reloaded, and who has to know. */
export interface Stage {
  readonly proxy: RunningProxy;
  readonly places: readonly Place[];
  readonly pki: Pki;
  readonly ledger: Ledger;
  /** For what a flood would disturb. */
  readonly turn: Turn;
}

type Kind = (stage: Stage, dice: Chance) => Promise<unknown>;

const kinds: Readonly<Record<string, Kind>> = {
  /** A new client certificate and key. */
  certificate: async ({ proxy, pki, ledger }) => {
    const next = await pki.ca.issue({ name: 'client', usage: 'client' });
    ledger.clients.push(next.fingerprint);
    await swap(proxy, () => replaceFiles(proxy.directory, { 'client.crt': next.chain, 'client.key': next.key }));
    ledger.client = ledger.clients.length - 1;
  },
  /** A certificate that does not belong to the key, or none. */
  mismatch: async ({ proxy, places, pki }, dice) => {
    await replaceFiles(proxy.directory, { 'odd.crt': dice.one(2) ? pki.other.client.chain : 'no certificate' });
    const tls = { ca: 'ca.pem', cert: 'odd.crt', key: 'client.key' };
    await refused(proxy, { ...configOf(places), defaults: { tls } });
    await restored(proxy, places);
  },
  /** A file that is no YAML. */
  nonsense: async ({ proxy, places }) => {
    await refused(proxy, 'listen: [127.0.0.1:0\nroutes: {');
    await restored(proxy, places);
  },
  /** A key that is not known, or a route that is there twice. */
  mistake: async ({ proxy, places }, dice) => {
    await refused(proxy, dice.one(2) ? { ...configOf(places), unknown: true } : configOf([...places, ...places]));
    await restored(proxy, places);
  },
  /** Nothing that is new, once or several times. */
  same: async ({ proxy }, dice) => {
    await reloading(proxy, () => {
      for (let n = dice.pick([1, 3]); n > 0; n -= 1) proxy.signal('SIGHUP');
    });
  },
  /** A route that is gone for a while. */
  without: async ({ proxy, places, ledger }, dice) => {
    const gone = dice.pick(places);
    await swapped(proxy, configOf(places.filter((place) => place !== gone)));
    ledger.absent = gone.spec.name;
    await pause(dice.pick([100, 600, 1_500]));
    ledger.absent = undefined;
    await swapped(proxy, configOf(places));
  },
  /** All routes with other settings for a while: everything begins anew, twice. */
  settings: async ({ proxy, places }, dice) => {
    await swapped(proxy, configOf(places, { idleTimeout: '1900ms' }));
    await pause(dice.pick([0, 300, 1_000]));
    await swapped(proxy, configOf(places));
  },
  /** Two more listeners for a while. */
  listener: async ({ proxy, places, ledger, turn }, dice) => {
    const socketPath = join(proxy.directory, 'second.sock');
    await swapped(proxy, { ...configOf(places), listen: ['127.0.0.1:0', '127.0.0.2:0', `unix:${socketPath}`] });
    // All listeners share the places that a flood takes.
    const reply = await turn(() => send('http://localhost/nowhere/at-all', { socketPath }));
    ledger.strays += 1;
    if (reply.status !== 404) ledger.broken({ rule: 'a new listener serves', text: `it answered ${reply.status}` });
    await pause(dice.pick([0, 500]));
    await swapped(proxy, configOf(places));
  },
};

/**
 * Reloads, one after the other: each kind once before any comes again, and with it another reload that puts things back
 * where the first was to be passing.
 *
 * @param dice decides all of it
 * @returns what makes the next one
 */
export function reloads(stage: Stage, dice: Chance): () => Promise<void> {
  const names = deal(Object.keys(kinds), dice);
  return async () => {
    const name = names.next().value;
    await patiently(`the reload \`${name}\` comes to no end`, (kinds[name] as Kind)(stage, dice));
  };
}

/** The proxy finds out by a signal, or by looking at the files, whichever comes first. */
function change(proxy: RunningProxy, config: string | object): () => Promise<void> {
  return async () => {
    await reconfigure(proxy, config);
    proxy.signal('SIGHUP');
  };
}

const swapped = (proxy: RunningProxy, config: object): Promise<LogLine> => swap(proxy, change(proxy, config));

const refused = (proxy: RunningProxy, config: string | object): Promise<LogLine> =>
  refusal(proxy, change(proxy, config));

const restored = (proxy: RunningProxy, places: readonly Place[]): Promise<LogLine> =>
  reloading(proxy, change(proxy, configOf(places)));
