import t from 'tap';
import { codeLabel } from '../../src/stats/code-label.ts';

t.test('E14 a registered status is itself, any other its class', async (t) => {
  for (const status of [0, 101, 200, 206, 304, 404, 421, 429, 502, 504]) t.equal(codeLabel(status), String(status));
  t.equal(codeLabel(299), '2xx');
  t.equal(codeLabel(499), '4xx');
  t.equal(codeLabel(599), '5xx', 'which `5..` matches as well');
  t.equal(codeLabel(799), '7xx');
  t.equal(codeLabel(999), '9xx');
  t.equal(codeLabel(1000), 'other');
});

t.test('E14 there are less than a hundred', async (t) => {
  const all = new Set(Array.from({ length: 2000 }, (_, status) => codeLabel(status)));
  t.ok(all.size < 100, `${all.size}`);
});
