import { readFile } from 'node:fs/promises';
import t from 'tap';
import { differences } from '../fixtures/matrix/compare.ts';
import { explained } from '../fixtures/matrix/explained.ts';
import { observe } from '../fixtures/matrix/observe.ts';
import { startPlace } from '../fixtures/matrix/place.ts';
import { startOurs } from '../fixtures/matrix/proxies.ts';
import { rows } from '../fixtures/matrix/rows.ts';
import { cellOf, columnOf } from '../fixtures/matrix/table.ts';

/** Milliseconds without a byte after which a row has failed: far more than any of them takes. */
const patience = 20_000;

const place = await startPlace(t);
const proxy = await startOurs(t, place);
const column: (readonly [what: string, cell: string])[] = [];

t.test('the table has enough requests, each once', async (t) => {
  const ids = rows.map(({ id }) => id);
  t.ok(ids.length >= 60);
  t.equal(new Set(ids).size, ids.length);
  t.same(
    Object.keys(explained).filter((id) => !ids.includes(id)),
    [],
  );
});

t.test('a client sees the same through the proxy as straight from the upstream', async (t) => {
  for (const row of rows) {
    await t.test(`${row.group}: ${row.what} (${row.id})`, async (t) => {
      const straight = await observe(row, place.straight, place.origin, patience);
      t.equal(straight.replies.length, row.methods.length, straight.failure ?? 'all responses came');
      const found = differences(straight, await observe(row, proxy, place.origin, patience));
      column.push([row.what.replaceAll('|', '\\|'), cellOf(row, found)]);
      t.same(
        found.map(({ text }) => text),
        explained[row.id]?.differences ?? [],
      );
    });
  }
});

t.test('docs/forwarding-matrix.md has what was seen; `npm run matrix` writes it', async (t) => {
  const document = await readFile(new URL('../../../docs/forwarding-matrix.md', import.meta.url), 'utf8');
  t.same(columnOf(document, 'local-mtls-proxy'), column);
});
