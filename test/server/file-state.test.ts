import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FileReader } from '../../src/config/file-reader.ts';
import { lookAt } from '../../src/server/file-state.ts';

const folder = t.testdir({});
const file = join(folder, 'file');
const old = new Date('2020-01-01');

t.test('a file that is as it was is not read again, and one that only looks new has the same content', async (t) => {
  await writeFile(file, 'first');
  await utimes(file, old, old);
  const first = await lookAt(file);
  t.type(first.signature, 'string');
  t.equal(await lookAt(file, first), first);
  await utimes(file, old, new Date('2021-01-01'));
  const touched = await lookAt(file, first);
  t.not(touched.signature, first.signature);
  t.equal(touched.found, first.found);
  await writeFile(`${file}.new`, 'other');
  await utimes(`${file}.new`, old, new Date('2021-01-01'));
  await rename(`${file}.new`, file);
  t.not((await lookAt(file, touched)).found, first.found, 'of the same size and time');
});

t.test('what is just written is looked at again', async (t) => {
  await writeFile(file, 'new');
  const state = await lookAt(file);
  t.equal(state.signature, undefined);
  t.not(await lookAt(file, state), state);
});

t.test('it finds what the reader finds', async (t) => {
  const reader = new FileReader();
  const places = { file, none: join(folder, 'none'), below: join(file, 'x'), folder: join(folder, 'folder') };
  await mkdir(places.folder);
  const [empty, long] = [join(folder, 'empty'), join(folder, 'long')];
  await writeFile(empty, '');
  await writeFile(long, randomBytes(150_000));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  t.teardown(() => rm(pipe));
  for (const place of [...Object.values(places), pipe, empty, long]) {
    try {
      reader.read(place, 200_000);
    } catch (error) {
      t.type((error as NodeJS.ErrnoException).code, 'string', place);
    }
    t.equal((await lookAt(place)).found, reader.found.get(place), place);
  }
  t.match([...reader.found.values()].slice(1), ['ENOENT', 'ENOTDIR', 'EISDIR', 'not regular', /=$/, /=$/]);
});
