import t from 'tap';
import { ProxyError } from '../../src/errors.ts';
import { BackOff } from '../../src/tls/back-off.ts';

const failure = (text: string): ProxyError => new ProxyError('refused', text);

t.test('three failures in a row cost nothing, each further one a longer wait', async (t) => {
  let now = 0;
  const backOff = new BackOff(() => now);
  t.notOk(backOff.active);
  for (const text of ['1', '2', '3']) {
    backOff.failed(failure(text));
    backOff.throwIfWaiting();
  }
  t.ok(backOff.active);
  const waits = [100, 200, 400, 800, 1600, 3200, 4000, 4000];
  for (const wait of waits) {
    const last = failure(`wait ${wait}`);
    backOff.failed(last);
    t.throws(() => backOff.throwIfWaiting(), last);
    now += wait - 1;
    t.throws(() => backOff.throwIfWaiting(), last);
    now += 1;
    backOff.throwIfWaiting();
  }
});

t.test('a failure that many share counts once', async (t) => {
  const backOff = new BackOff(() => 0);
  const shared = failure('shared');
  for (let i = 0; i < 50; i += 1) backOff.failed(shared);
  t.doesNotThrow(() => backOff.throwIfWaiting());
});

t.test('a success ends it', async (t) => {
  const backOff = new BackOff(() => 0);
  for (const text of ['1', '2', '3', '4']) backOff.failed(failure(text));
  t.throws(() => backOff.throwIfWaiting());
  backOff.succeeded();
  t.notOk(backOff.active);
  t.doesNotThrow(() => backOff.throwIfWaiting());
});
