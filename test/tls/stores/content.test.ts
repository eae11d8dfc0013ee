import t from 'tap';
import { hasForm } from '../../../src/tls/stores/content.ts';
import { damaged } from '../../../src/tls/stores/fault.ts';

t.test('damage means another form; an error of ours stays one', async (t) => {
  t.ok(hasForm(() => true));
  t.notOk(hasForm(() => false));
  t.notOk(
    hasForm(() => {
      throw damaged('x');
    }),
  );
  t.throws(
    () =>
      hasForm(() => {
        throw new TypeError('ours');
      }),
    /ours/,
  );
});
