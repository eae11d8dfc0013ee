import t from 'tap';
import { clock } from '../../src/clock.ts';
import { OfferMemory } from '../../src/tls/memory.ts';

t.test('the top counts until it fails', async (t) => {
  let now = 0;
  const memory = new OfferMemory(1000, () => now);
  t.equal(memory.current, undefined);
  t.equal(memory.last, undefined);
  memory.remember(0);
  now = 1e12;
  t.match(memory.current, { index: 0, until: Infinity });
});

t.test('a lower offer counts for its lifetime', async (t) => {
  let now = 500;
  const memory = new OfferMemory(1000, () => now);
  memory.remember(2);
  now = 1499;
  t.match(memory.current, { index: 2, until: 1500 });
  now = 1500;
  t.equal(memory.current, undefined);
  t.equal(memory.last, 2, 'what it was is still known');
});

t.test('lifetime 0 is never', async (t) => {
  const memory = new OfferMemory(0, () => 7);
  memory.remember(1);
  t.equal(memory.current, undefined);
  t.equal(memory.last, 1);
});

t.test('only what is still remembered can be forgotten', async (t) => {
  const memory = new OfferMemory(1000, () => 0);
  memory.remember(1);
  const old = memory.current;
  memory.remember(2);
  const newer = memory.current;
  if (old !== undefined) memory.forget(old);
  t.equal(memory.current, newer, 'something newer has been learnt since');
  if (newer !== undefined) memory.forget(newer);
  t.equal(memory.current, undefined);
  t.equal(memory.last, 2);
});

t.test('its own clock goes on', async (t) => {
  const memory = new OfferMemory(60_000);
  const before = clock();
  memory.remember(1);
  t.ok((memory.current?.until ?? 0) >= before + 60_000);
});
