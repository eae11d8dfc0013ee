import t from 'tap';
import { ReloadStats } from '../../src/stats/reload-stats.ts';

t.test('outcomes are counted from 0, and the last one is kept', async (t) => {
  const reloads = new ReloadStats();
  const shown = () => reloads.families.map(({ values }) => values.map(({ value }) => value));
  t.same(shown(), [[0, 0, 0], [1]], 'what was started with runs');
  t.equal(reloads.last, undefined);
  reloads.add('failed', ['wrong']);
  t.same(shown(), [[0, 1, 0], [0]]);
  reloads.add('ok', []);
  t.same(shown(), [[1, 1, 0], [1]]);
  t.match(reloads.last, { outcome: 'ok', problems: [] });
});
