import { createHash } from 'node:crypto';
import { watch, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type FileState, lookAt } from '../../src/server/file-state.ts';
import { FileWatch, type WatchMeans } from '../../src/server/watch.ts';
import { Journal } from '../fixtures/journal.ts';
import { replaceFiles } from '../fixtures/reload.ts';

/** So long that nothing is noticed by it within a test. */
const never = 1_000_000;

/** A watch keeps no process alive, so that the test has to. */
const alive = setInterval(() => undefined, 1000);
t.teardown(() => clearInterval(alive));

/** What is found of a file with this text. */
const content = (text: string) => createHash('sha256').update(text).digest('base64');

/** A watch on files of a folder, which are there with the texts given. */
async function start(t: Test, files: Readonly<Record<string, string>>, means: WatchMeans = {}) {
  const folder = t.testdir(files);
  const changes = new Journal<void>('change');
  const troubles = new Journal<string>('trouble');
  const looks = new Journal<{ file: string; state: FileState }>('look');
  const watched = new FileWatch(
    { changed: () => changes.push(), troubled: (text) => troubles.push(text) },
    {
      quiet: 5,
      interval: never,
      ...means,
      async lookAt(file, before) {
        const state = await lookAt(file, before);
        looks.push({ file, state });
        return state;
      },
    },
  );
  t.teardown(() => watched.close());
  const found = new Map(Object.entries(files).map(([name, text]) => [join(folder, name), content(text)]));
  watched.follow(found);
  /** Resolves when a look behind this call has seen a file. */
  const looked = (name: string) => looks.first(({ file }) => file === join(folder, name), looks.length);
  await looks.reach(found.size);
  return { folder, changes, troubles, looks, looked, watched, found };
}

t.test('a change is told once, and a touch not at all', async (t) => {
  const { folder, changes, looked } = await start(t, { a: '1', b: '1' });
  const now = new Date();
  const touched = looked('a');
  await utimes(join(folder, 'a'), now, now);
  await touched;
  await writeFile(join(folder, 'beside'), 'x');
  const seen = looked('b');
  await replaceFiles(folder, { b: '2' });
  await seen;
  await changes.reach(1);
  const again = looked('b');
  await utimes(join(folder, 'b'), now, now);
  await again;
  t.equal(changes.length, 1);
});

t.test('what is different when it is first looked at has changed since it was read', async (t) => {
  const { changes, watched, found, folder } = await start(t, { a: '1' });
  watched.follow(new Map([...found.keys()].map((file) => [file, content('before')])));
  await changes.reach(1);
  watched.follow(new Map([[join(folder, 'none'), content('before')]]));
  await changes.reach(2);
  t.equal(changes.length, 2);
});

t.test('where reader and watch see the same in other words, it is told once', async (t) => {
  const { changes, watched, found, looked } = await start(t, { a: '1' });
  const tooLarge = new Map([...found.keys()].map((file) => [file, 'it is larger than 64 KiB']));
  watched.follow(tooLarge);
  await changes.reach(1);
  const seen = looked('a');
  watched.follow(new Map(tooLarge));
  await seen;
  t.equal(changes.length, 1);
});

t.test('a folder that is deleted and made again, and another in its place', async (t) => {
  const folder = t.testdir({});
  const changes = new Journal<void>('change');
  const looks = new Journal<{ state: FileState }>('look');
  const file = join(folder, 'sub', 'a');
  const by = async (change: () => Promise<unknown>, found: string): Promise<void> => {
    const count = changes.length;
    const from = looks.length;
    await change();
    await looks.first(({ state }) => state.found === found, from);
    await changes.reach(count + 1);
  };
  const write = async (text: string): Promise<void> => {
    await mkdir(join(folder, 'next'));
    await writeFile(join(folder, 'next', 'a'), text);
    await rename(join(folder, 'next'), join(folder, 'sub'));
  };
  const watched = new FileWatch(
    { changed: () => changes.push(), troubled: t.fail },
    {
      quiet: 5,
      interval: never,
      async lookAt(name, before) {
        const state = await lookAt(name, before);
        looks.push({ state });
        return state;
      },
    },
  );
  t.teardown(() => watched.close());
  watched.follow(new Map([[file, 'ENOENT']]));
  await looks.reach(1);
  await by(() => write('1'), content('1'));
  await by(() => rm(join(folder, 'sub'), { recursive: true }), 'ENOENT');
  await by(() => write('2'), content('2'));
  await by(() => rename(join(folder, 'sub'), join(folder, 'aside')), 'ENOENT');
  await by(() => write('3'), content('3'));
  t.equal(changes.length, 5, 'each was told');
});

for (const [code, remedy] of [
  ['ENOSPC', /; raise the limit fs\.inotify\.max_user_watches$/],
  ['EMFILE', /; raise the limit fs\.inotify\.max_user_instances$/],
  ['EACCES', /at once$/],
] as const) {
  t.test(`folders that cannot be watched (${code}): told once, and looked at now and then`, async (t) => {
    const none = (() => {
      throw Object.assign(new Error(code), { code });
    }) as unknown as typeof watch;
    const { folder, changes, troubles } = await start(t, { a: '1', b: '1' }, { watch: none, interval: 20 });
    await replaceFiles(folder, { a: '2' });
    await changes.reach(1);
    await replaceFiles(folder, { b: '2' });
    await changes.reach(2);
    t.match(troubles.all(), [new RegExp(`^/.* cannot be watched \\(${code}\\): a change is noticed within 0\\.02 s`)]);
    t.match(troubles.at(0), remedy);
    t.equal(troubles.length, 1);
  });
}

t.test('a watcher that fails later: the same', async (t) => {
  const watchers: ReturnType<typeof watch>[] = [];
  const real = ((...given: Parameters<typeof watch>) => {
    const one = watch(...given);
    watchers.push(one);
    return one;
  }) as typeof watch;
  const { folder, changes, troubles } = await start(t, { a: '1' }, { watch: real, interval: 20 });
  watchers[0]?.emit('error', Object.assign(new Error(), { code: 'EIO' }));
  t.match(troubles.all(), [/cannot be watched \(EIO\)/]);
  await replaceFiles(folder, { a: '2' });
  await changes.reach(1);
  t.equal(watchers.length, 2, 'it is tried again');
});

t.test('under constant change it is looked all the same', async (t) => {
  const { folder, changes, looks } = await start(t, { a: '1' }, { quiet: 50, patience: 200 });
  let n = 0;
  const timer = setInterval(() => writeFileSync(join(folder, 'a'), String(n++)), 5);
  await changes.reach(2).finally(() => clearInterval(timer));
  t.ok(looks.length < n, 'but not at each');
});

t.test('closed, it tells nothing more', async (t) => {
  const { folder, changes, watched, looks } = await start(t, { a: '1' }, { interval: 5 });
  watched.close();
  const count = looks.length;
  await writeFile(join(folder, 'a'), '2');
  const other = await start(t, { b: '1' });
  await replaceFiles(other.folder, { b: '2' });
  await other.changes.reach(1);
  t.equal(changes.length, 0);
  t.ok(looks.length <= count + 1);
});
