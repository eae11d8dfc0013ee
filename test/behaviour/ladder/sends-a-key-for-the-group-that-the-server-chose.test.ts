import t from 'tap';
import { postQuantum, scene } from '../../fixtures/ladder.ts';

/** What a ClientHello has keys for by default, by IANA's numbers: X25519, and since OpenSSL 3.5 before it X25519MLKEM768. */
const byDefault = postQuantum ? [4588, 29] : [29];
const names = { 23: 'prime256v1', 29: 'X25519' } as const;

for (const { what, tls, groups, shares, chosen, resumed = [false, true, true, false] } of [
  {
    what: 'that chose a classical group gets a key for it alone',
    groups: 'X25519:P-256',
    shares: [byDefault, [29], [29], [29]],
    chosen: 29,
  },
  {
    what: 'that chose one does so in full handshakes, too',
    groups: 'X25519:P-256',
    tls: { resume: false },
    shares: [byDefault, [29], [29], [29]],
    chosen: 29,
    resumed: [false, false, false, false],
  },
  {
    // Its HelloRetryRequest costs a round trip; RFC 8446 section 4.1.4.
    what: 'that had to ask for a key is not made to ask again',
    groups: 'P-256',
    shares: postQuantum ? [byDefault, [23], [23], [23]] : [[29], [29], [29], [29]],
    chosen: 23,
  },
  {
    what: 'of a route that names its groups gets a key for the first of them',
    groups: 'P-256',
    tls: { groups: 'X25519:P-256' },
    shares: [[29], [29], [29], [29]],
    chosen: 23,
  },
] as const) {
  t.test(`a server ${what}`, async (t) => {
    const { front, proxy, ask } = await scene(t, {
      decide: () => 'pass',
      server: { tls: { ecdhCurve: groups } },
      tls: { versions: ['TLSv1.3'], ...tls },
      route: { pool: { keepAlive: false } },
    });
    for (const again of resumed) {
      const { reply } = await ask();
      t.match(reply.json(), { client: 'client', resumed: again });
    }
    const handshakes = proxy.log.all('handshake');
    t.same(
      handshakes.map(({ group }) => group),
      resumed.map(() => names[chosen]),
    );
    t.same(
      front.hellos.all().map(({ hello }) => hello.shares),
      shares,
    );
    // What is proposed is the same each time.
    for (const { hello } of front.hellos.all()) t.same(hello.groups, front.hellos.all()[0]?.hello.groups);
  });
}

t.test('a server that takes a post-quantum group gets a key for it each time', async (t) => {
  const { front, ask } = await scene(t, {
    decide: () => 'pass',
    tls: { versions: ['TLSv1.3'] },
    route: { pool: { keepAlive: false } },
  });
  for (let n = 0; n < 3; n += 1) await ask();
  t.same(
    front.hellos.all().map(({ hello }) => hello.shares),
    [byDefault, byDefault, byDefault],
  );
});

t.test('after a failure a server is sent what it was at first', async (t) => {
  const { front, ask } = await scene(t, {
    decide: (_, n) => (n === 2 ? 'reset' : 'pass'),
    server: { tls: { ecdhCurve: 'X25519' } },
    tls: { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 },
    route: { pool: { keepAlive: false } },
  });
  for (let n = 0; n < 4; n += 1) await ask();
  const shares = front.hellos.all().map(({ hello }) => hello.shares);
  t.same(shares.slice(0, 3), [byDefault, [29], [29]]);
  t.same(shares.at(-1), byDefault);
});
