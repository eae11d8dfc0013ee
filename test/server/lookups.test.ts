import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type Entries, lookups } from '../../src/server/lookups.ts';

/** A folder of the test's, without symbolic links on the way to it. */
const folder = await realpath(t.testdir({ plain: 'x', certs: { 'tls.crt': 'x' } }));
const at = (...names: string[]) => join(folder, ...names);

t.test('a file: its folder has to be watched, and nothing above', async (t) => {
  t.same(await lookups(at('plain')), [{ folder, name: 'plain' }]);
  t.same(await lookups(at('certs', 'tls.crt')), [{ folder: at('certs'), name: 'tls.crt' }]);
  t.same(await lookups('/'), []);
});

t.test('symbolic links, to files and folders, relative and absolute: each where it lies', async (t) => {
  await mkdir(at('..1'));
  await writeFile(at('..1', 'tls.key'), 'x');
  await symlink('..1', at('..data'));
  await symlink('..data/tls.key', at('tls.key'));
  await symlink(at('tls.key'), at('certs', 'absolute'));
  await symlink('../tls.key', at('certs', 'relative'));
  const way = [
    { folder, name: 'tls.key' },
    { folder, name: '..data' },
    { folder: at('..1'), name: 'tls.key' },
  ];
  t.same(await lookups(at('tls.key')), way);
  t.same(await lookups(at('certs', 'absolute')), [{ folder: at('certs'), name: 'absolute' }, ...way]);
  t.same(await lookups(at('certs', 'relative')), [{ folder: at('certs'), name: 'relative' }, ...way]);
  t.same(await lookups(`${folder}//certs/./../tls.key`), way);
});

t.test('the first that is not there, also where a link leads to', async (t) => {
  t.same(await lookups(at('none', 'of', 'it')), [{ folder, name: 'none' }]);
  await symlink('none/of', at('dangling'));
  t.same(await lookups(at('dangling', 'it')), [
    { folder, name: 'dangling' },
    { folder, name: 'none' },
  ]);
  t.same(await lookups(at('plain', 'below')), [{ folder: at('plain'), name: 'below' }]);
  await rm(at('dangling'));
});

t.test('links that go round in a circle have an end', async (t) => {
  await symlink('circle', at('circle'));
  t.equal((await lookups(at('circle'))).length, 41);
});

t.test('what is known of an entry is not looked at again', async (t) => {
  const entries: Entries = new Map();
  const inCommon = at('in-common');
  await symlink('certs', inCommon);
  const first = await lookups(at('in-common', 'tls.crt'), entries);
  t.equal(first.length, 2);
  await rm(inCommon);
  t.same(await lookups(at('in-common', 'tls.crt'), entries), first);
  t.same(await lookups(at('in-common', 'tls.crt')), [{ folder, name: 'in-common' }]);
});
