import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { createLog } from '../../src/log.ts';
import { noMetrics } from '../../src/metrics.ts';
import type { LiveRoute } from '../../src/proxy/task.ts';
import { startServer } from '../../src/server/server.ts';
import { changedBetween, Snapshot } from '../../src/server/snapshot.ts';
import { send } from '../fixtures/client.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { Log } from '../fixtures/proxy.ts';
import { makeFolder, soundOf } from '../fixtures/sound.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const files = pkiFiles(pki);
const tls = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
const route = (name: string, more: object = {}) => ({
  name,
  match: { path: `/${name}` },
  upstream: 'https://127.0.0.1:1',
  tls,
  ...more,
});
const config = (...routes: object[]) => ({ listen: '127.0.0.1:0', routes });

const log = new Log();
const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });
const witnesses = { logger, metrics: noMetrics };

const named = ({ routes }: Snapshot, name: string) => routes.find(({ settings }) => settings.name === name);

t.test('what did not change goes on, the rest begins anew', async (t) => {
  const folder = await makeFolder(t, files);
  const first = new Snapshot(await soundOf(folder, config(route('a'), route('b'))), witnesses);
  t.equal(first.generation, 1);
  const sound = await soundOf(folder, config(route('c'), route('b', { replay: 'never' }), route('a')));
  const second = new Snapshot(sound, witnesses, first);
  t.equal(second.generation, 2);
  t.equal(named(second, 'a'), named(first, 'a'));
  t.not(named(second, 'b')?.upstream, named(first, 'b')?.upstream);
  t.same(named(second, 'b')?.settings.replay, 'never');
  t.ok(named(second, 'c'));
  t.same(changedBetween(first.sound, sound), ['route c added', 'route b']);
  t.same(changedBetween(sound, first.sound), ['route b', 'route c removed']);
  t.same(changedBetween(sound, sound), []);
});

t.test('the site of a listener is the same for each request', async (t) => {
  const folder = await makeFolder(t, files);
  const snapshot = new Snapshot(await soundOf(folder, config(route('a'))), witnesses);
  const site = snapshot.site('127.0.0.1:80');
  t.equal(snapshot.site('127.0.0.1:80'), site);
  t.not(snapshot.site('127.0.0.1:81'), site);
  t.match(site, { listener: '127.0.0.1:80', routes: snapshot.routes, guard: snapshot.guard });
});

t.test('after 1,000 configurations the old ones are gone', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const folder = await makeFolder(t, files);
  const by = (replay: string) => soundOf(folder, config(route('a', { upstream: up.url, replay })));
  const [one, other] = [await by('never'), await by('always')];
  const server = await startServer({ sound: one, logger });
  const url = `http://${server.addresses[0]}/a`;
  const old: WeakRef<LiveRoute>[] = [];
  for (let n = 0; n < 1000; n += 1) {
    old.push(new WeakRef(server.snapshot.routes[0] as LiveRoute));
    const running = n % 100 === 0 ? send(url) : undefined;
    await server.replace(n % 2 === 0 ? other : one);
    if (running !== undefined) t.equal((await running).status, 200);
  }
  t.equal(server.snapshot.generation, 1001);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // What a collection finds it may free by the next turn only.
  for (let turns = 0; old.some((each) => each.deref() !== undefined) && turns < 100; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  t.equal(old.filter((each) => each.deref() !== undefined).length, 0);
  t.equal(await server.stop(), true);
  await up.connections.at(-1).closed;
});
