import { createSecureContext, type SecureContext } from 'node:tls';
import t from 'tap';
import { attempt } from '../../src/tls/handshake.ts';
import { KeyShares, shareKeyFor } from '../../src/tls/key-shares.ts';
import { offersOf } from '../../src/tls/offers.ts';
import { attemptSettings } from '../fixtures/dial.ts';
import { startFront } from '../fixtures/front.ts';
import { postQuantum } from '../fixtures/ladder.ts';
import { makePki } from '../fixtures/pki.ts';

const hour = 3_600_000;
const [withDefault, named] = [
  offersOf({ versions: ['TLSv1.3'], offer: 'range' }, true),
  offersOf({ versions: ['TLSv1.3'], offer: 'range', groups: 'X25519:P-256' }, true),
];

t.test('a classical group that the server chose is the only one to send a key for, in that offer', async (t) => {
  const shares = new KeyShares(withDefault, () => 0);
  t.equal(shares.of(0), undefined);
  shares.chose(0, 'X25519', undefined);
  t.equal(shares.of(0), 'X25519');
  t.equal(shares.of(1), undefined);
});

t.test('another one that it asked for takes its place, and a post-quantum one none', async (t) => {
  const shares = new KeyShares(withDefault, () => 0);
  shares.chose(0, 'X25519', undefined);
  shares.chose(0, 'prime256v1', 'X25519');
  t.equal(shares.of(0), 'prime256v1');
  for (const postQuantum of ['X25519MLKEM768', '']) {
    shares.chose(0, 'X25519', undefined);
    shares.chose(0, postQuantum, 'X25519');
    t.equal(shares.of(0), undefined);
  }
});

t.test('nothing is noted of an offer with groups of its own', async (t) => {
  for (const [offers, index] of [
    [named, 0],
    [withDefault, 1],
  ] as const) {
    const shares = new KeyShares(offers, () => 0);
    shares.chose(index, 'X25519', undefined);
    t.equal(shares.of(index), undefined);
  }
});

t.test('forgotten after a failure, and an hour after both keys were sent, however many came since', async (t) => {
  let now = 0;
  const shares = new KeyShares(withDefault, () => now);
  shares.chose(0, 'X25519', undefined);
  shares.forget(0);
  t.equal(shares.of(0), undefined);

  shares.chose(0, 'X25519', undefined);
  now = hour - 1;
  t.equal(shares.of(0), 'X25519');
  shares.chose(0, 'X25519', 'X25519');
  now = hour;
  t.equal(shares.of(0), undefined);
  shares.chose(0, 'X25519', undefined);
  t.equal(shares.of(0), 'X25519');
});

t.test('a hello has a key for one group, or those of the default again, and proposes the same', async (t) => {
  const front = await startFront(t, { decide: () => 'reset' });
  const pki = await makePki();
  const context = createSecureContext({ ca: pki.ca.cert, minVersion: 'TLSv1.3' });
  const settings = { ...attemptSettings(pki, front.port), context };
  const shares = [undefined, 'X25519', 'X25519', 'prime256v1', 'X448', 'secp384r1', 'secp521r1', undefined] as const;
  for (const share of shares) await attempt({ ...settings, share }, new AbortController().signal);

  const [before, ...hellos] = front.hellos.all().map(({ hello }) => hello);
  if (before === undefined) throw new Error('no hello');
  const byDefault = postQuantum ? [4588, 29] : [29];
  t.same(
    hellos.map((hello) => hello.shares),
    postQuantum ? [[29], [29], [23], [30], [24], [25], byDefault] : hellos.map(() => byDefault),
  );
  const { random: _, shares: both, length, ...rest } = before;
  t.same(both, byDefault);
  for (const hello of hellos) t.match(hello, rest);
  // One packet is enough then.
  t.equal(length > 1_400, postQuantum);
  t.ok(hellos.slice(0, -1).every(({ length }) => length < 500));
});

t.test('a context without the function stays as it is', async (t) => {
  const context = { context: {} } as SecureContext;
  shareKeyFor('X25519', context, true);
  shareKeyFor(undefined, context, true);
  t.same(context, { context: {} });
});
