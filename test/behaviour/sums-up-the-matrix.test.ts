import { readFile } from 'node:fs/promises';
import t from 'tap';
import { rowsOf } from '../fixtures/matrix/row.ts';
import { rows } from '../fixtures/matrix/rows.ts';
import { columnsOf, summaryIn, summaryOf, withSummary } from '../fixtures/matrix/summary.ts';
import { type Column, documentOf } from '../fixtures/matrix/table.ts';

const few = [
  ...rowsOf('Letters', 'origin', [
    ['a', 'the first | letter', 'GET /a'],
    ['b', 'the second', 'GET /b'],
  ]),
  ...rowsOf('Numbers', 'origin', [['one', 'the first', 'GET /1']]),
];
const column = (name: string, version: string, ...cells: string[]): Column => ({
  name,
  version,
  cells: new Map(few.map(({ id }, n) => [id, cells[n] ?? ''])),
});
const columns = [
  column('ours', '1.0', 'differs: x', 'same', 'same'),
  column('nginx', '2.1', 'same', 'differs: y', 'differs at times: z'),
  column('Caddy', '3.2.1', 'same', 'same', 'differs: y'),
];

t.test('how many are the same in each group, and where ours differs', async (t) => {
  t.equal(
    summaryOf(few, columns),
    `| requests | number | ours 1.0 | nginx 2.1 | Caddy 3.2.1 |
| --- | --- | --- | --- | --- |
| Letters | 2 | 1 | 1 | 2 |
| Numbers | 1 | 1 | 0 | 0 |
| all | 3 | 2 | 1 | 2 |

Where ours differs:

| request | the same through | why |
| --- | --- | --- |
| the first \\| letter | nginx, Caddy | not explained |`,
  );
});

t.test('the columns are read back', async (t) => {
  const document = documentOf(few, columns);
  t.same(columnsOf(document, few), columns);
  t.throws(() => columnsOf(document, few.slice(1)), /other rows/);
});

t.test('only what stands between the marks is replaced', async (t) => {
  const document = await readFile(new URL('../../../docs/forwarding.md', import.meta.url), 'utf8');
  const other = withSummary(document, 'other | text');
  t.equal(summaryIn(other), 'other | text');
  t.equal(withSummary(other, summaryIn(document)), document);
  t.throws(() => withSummary('without', ''), /lacks the lines/);
});

t.test('docs/forwarding.md has the sums of docs/forwarding-matrix.md; `npm run matrix` writes both', async (t) => {
  const text = (name: string) => readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  const summary = summaryOf(rows, columnsOf(await text('forwarding-matrix.md'), rows));
  t.equal(summaryIn(await text('forwarding.md')), summary);
  t.notMatch(summary, /not explained/);
});
