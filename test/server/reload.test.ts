import type { watch } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import { noMetrics } from '../../src/metrics.ts';
import { ListenError } from '../../src/server/listen-error.ts';
import type { Sound } from '../../src/server/prepare.ts';
import { type ReloadOptions, Reloads } from '../../src/server/reload.ts';
import type { RunningServer } from '../../src/server/running-server.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { Log, oneRoute } from '../fixtures/proxy.ts';
import { makeFolder, soundOf } from '../fixtures/sound.ts';
import { deferred } from '../fixtures/wire.ts';

const files = pkiFiles(await makePki());
const usual = oneRoute('https://127.0.0.1:1');

/** Reloads of a server that takes over what the test says. */
async function start(t: Test, replace: RunningServer['replace'], more: Partial<ReloadOptions> = {}) {
  const folder = await makeFolder(t, files);
  const sound = await soundOf(folder, usual);
  const log = new Log();
  const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });
  const outcomes: string[] = [];
  const server = {
    draining: false,
    snapshot: { generation: 1, sound, config: sound.config },
    metrics: { ...noMetrics, reload: (outcome: string) => void outcomes.push(outcome) },
    replace,
  } as unknown as RunningServer;
  const file = join(folder, 'proxy.yaml');
  const first = loadConfig(file, {});
  const means = { interval: 1_000_000, quiet: 1_000_000, patience: 1_000_000 };
  const env = { SET: '1' };
  const reloads = new Reloads({ load: () => loadConfig(file, env), server, logger, first, means, ...more });
  t.teardown(() => reloads.close());
  const write = (config: object) => writeFiles(folder, { 'proxy.yaml': stringify(config) });
  return { reloads, log, outcomes, write };
}

t.test('asked while one runs, it is made once more, with what is there by then', async (t) => {
  const taken: Sound[] = [];
  const held = deferred<void>();
  const { reloads, log, outcomes, write } = await start(t, async (sound) => {
    taken.push(sound);
    if (taken.length === 1) await held.promise;
    return { outcome: 'ok', changed: [`drain ${sound.config.drain}`] };
  });
  await write({ ...usual, drain: '1s' });
  const first = reloads.ask();
  await write({ ...usual, drain: '2s' });
  const others = [reloads.ask(), reloads.ask()];
  await write({ ...usual, drain: '3s' });
  held.resolve();
  await Promise.all([first, ...others]);
  t.same(
    log.all('reload').map(({ changed }) => changed),
    [['drain 1000'], ['drain 3000']],
  );
  t.same(outcomes, ['ok', 'ok']);
  await reloads.ask();
  t.equal(taken.length, 3);
});

t.test('an exception of our own is told, and the next one is made', async (t) => {
  let broken = true;
  const { reloads, log, outcomes } = await start(t, async () => {
    if (broken) throw new TypeError('no such thing');
    return { outcome: 'unchanged', changed: [] };
  });
  await reloads.ask();
  broken = false;
  await reloads.ask();
  t.match(log.all('reload'), [
    { level: 50, problems: ['TypeError: no such thing'], err: { stack: /reload\.test/ } },
    { level: 30, changed: [], problems: [] },
  ]);
  t.same(outcomes, ['failed', 'unchanged']);
});

t.test('an address that is taken is told where it stands', async (t) => {
  const { reloads, log, write } = await start(t, async ({ config: { listen, admin } }) => {
    const cause = Object.assign(new Error('listen'), { code: 'EACCES' });
    throw admin === undefined
      ? new ListenError(listen[1] ?? admin ?? { unix: '', mode: 0 }, 'listen', cause)
      : new ListenError(admin, 'admin', cause);
  });
  await write({ ...usual, listen: ['127.0.0.1:1', '127.0.0.1:2'] });
  await reloads.ask();
  await write({ ...usual, admin: '127.0.0.1:3' });
  await reloads.ask();
  t.match(log.all('reload'), [
    { problems: [/proxy\.yaml:3:5: 127\.0\.0\.1:2 is not for this user to listen on; .* change `listen`$/] },
    { problems: [/proxy\.yaml:\d+:8: 127\.0\.0\.1:3 is not for this user to listen on; .* change `admin`$/] },
  ]);
});

t.test('what cannot be watched is a warning', async (t) => {
  const none = (() => {
    throw Object.assign(new Error(), { code: 'ENOSPC' });
  }) as unknown as typeof watch;
  const { log } = await start(t, async () => ({ outcome: 'unchanged', changed: [] }), { means: { watch: none } });
  const alive = setInterval(() => undefined, 1000);
  t.teardown(() => clearInterval(alive));
  const line = await log.next('reload');
  t.match(line, { level: 40, generation: 1, changed: [], problems: [/ENOSPC.* within 10 s.*max_user_watches/] });
});
