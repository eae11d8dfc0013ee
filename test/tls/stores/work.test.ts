import t from 'tap';
import { Work } from '../../../src/tls/stores/work.ts';
import { refuses } from '../../fixtures/stores.ts';

/** Of one key derivation. */
const maxIterations = 5_000_000;

t.test('work is counted, block by block', async (t) => {
  const work = new Work();
  work.spend(1);
  work.spend(10_000, 2);
  t.equal(work.spent, 20_001);
});

t.test('an iteration count below 1 is damage', async (t) => {
  refuses(t, () => new Work().spend(0), 'damaged', /iteration count below 1/);
});

t.test('a count over the limit is refused before the work is done, with the way out', async (t) => {
  const work = new Work();
  work.spend(maxIterations);
  for (const count of [maxIterations + 1, 2 ** 31, Number.POSITIVE_INFINITY]) {
    refuses(t, () => work.spend(count), 'algorithm', /takes \S+ iterations.*keytool -importkeystore.*openssl pkcs12/);
  }
  t.equal(work.spent, maxIterations, 'what was refused is not counted');
});

t.test('so is what goes over the limit of a store, piece by piece', async (t) => {
  const work = new Work(100);
  work.spend(60);
  refuses(t, () => work.spend(60), 'algorithm', /60 iterations, more than/);
  work.spend(20, 2);
  t.equal(work.spent, 100);
});
