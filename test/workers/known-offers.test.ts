import t from 'tap';
import { KnownOffers } from '../../src/workers/known-offers.ts';

const lowered = { route: 'a', digest: 'one', index: 1 };

t.test('who falls back tries the higher offers for all, behind its end another one, and so on', async (t) => {
  const known = new KnownOffers();
  known.learn(lowered, 1);
  t.same(known.begin(2, [1]), [lowered]);
  t.same(known.inherit(1, 2), [{ ...lowered, retry: true }]);
  t.same(known.inherit(1, 3), [], 'once');
  t.same(known.inherit(2, 3), [{ ...lowered, retry: true }]);
});

t.test('where none is left, the first that begins takes over', async (t) => {
  const known = new KnownOffers();
  known.learn(lowered, 1);
  t.same(known.begin(2, []), [{ ...lowered, retry: true }]);
  t.same(known.begin(3, [2]), [lowered]);
});

t.test('what is at the top again, or of a route that is another one now, is forgotten', async (t) => {
  const known = new KnownOffers();
  known.learn(lowered, 1);
  known.learn({ ...lowered, route: 'b' }, 1);
  known.learn({ ...lowered, index: 0 }, 1);
  t.same(known.begin(2, [1]), [{ ...lowered, route: 'b' }]);
  known.keep(new Map([['b', 'one']]));
  t.equal(known.begin(2, [1]).length, 1);
  known.keep(new Map([['b', 'two']]));
  t.same(known.begin(2, [1]), []);
});
