import t from 'tap';
import { Tally } from '../../src/stats/tally.ts';

t.test('a count for each combination of labels', async (t) => {
  const tally = new Tally();
  t.same(tally.all, []);
  tally.add('TLSv1.3', 'ok');
  tally.add('none', 'reset');
  tally.add('TLSv1.3', 'ok');
  t.same(tally.all, [
    { labels: ['TLSv1.3', 'ok'], count: 2 },
    { labels: ['none', 'reset'], count: 1 },
  ]);
  t.equal(tally.count('TLSv1.3', 'ok'), 2);
  t.equal(tally.count('TLSv1.3', 'reset'), 0);
});
