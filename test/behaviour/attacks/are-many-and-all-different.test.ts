import t from 'tap';
import { rows } from '../../fixtures/attacks/rows.ts';
import { mannersOf } from '../../fixtures/attacks/run.ts';

t.test('the table of attacks has at least 150 rows, and no two are the same', async (t) => {
  const all = Object.values(rows).flat();
  t.ok(new Set(all.map(({ what }) => what)).size >= 150);
  t.equal(new Set(all.map(({ send }) => send)).size, all.length, 'of the bytes');
  for (const [about, some] of Object.entries(rows)) {
    t.equal(new Set(some.map(({ what }) => what)).size, some.length, `of the names about ${about}`);
  }
  t.ok(all.every((row) => mannersOf(row).length > 0));
});
