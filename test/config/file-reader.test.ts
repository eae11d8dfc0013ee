import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FileReader } from '../../src/config/file-reader.ts';

t.test('a file is read once, however often it is asked for', async (t) => {
  const file = join(t.testdir({}), 'file');
  await writeFile(file, 'first');
  const reader = new FileReader();
  t.equal(String(reader.read(file, 5)), 'first');
  await writeFile(file, 'second');
  t.equal(String(reader.read(file, 5)), 'first');
  t.equal(String(reader.readAny(file)), 'second', 'but for the one that is read first');
  t.equal(reader.found.get(file), createHash('sha256').update('second').digest('base64'));
});

t.test('what cannot be read is noted with the reason', async (t) => {
  const folder = t.testdir({ large: 'x'.repeat(2048) });
  const reader = new FileReader();
  t.throws(() => reader.read(join(folder, 'large'), 1024), { code: /^it is larger than 1 KiB/ });
  t.throws(() => reader.read(join(folder, 'none'), 1024), { code: 'ENOENT' });
  t.throws(() => reader.readAny(folder), { code: 'EISDIR' });
  t.same([...reader.found.values()].slice(1), ['ENOENT', 'EISDIR']);
  t.equal(reader.read(join(folder, 'large'), 2048).length, 2048, 'where it may be larger');
});

t.test('the content of a pipe counts for nothing later', async (t) => {
  const reader = new FileReader();
  t.equal(reader.readAny('/dev/null').length, 0);
  t.equal(reader.found.get('/dev/null'), 'not regular');
});
