import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { offerOf, offers, scene, tell, until12, without13 } from '../../fixtures/ladder.ts';
import { deferred } from '../../fixtures/wire.ts';

t.test('A20 who fails by the known offer while another climbs is told ahead of the climb', async (t) => {
  const { front, proxy, ask } = await scene(t, {
    decide: without13('reset'),
    server: until12,
    tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
    route: { pool: { keepAlive: false } },
  });
  await ask();
  const from = proxy.log.all('handshake').length;

  // Two requests try what is known. One fails and climbs; the other fails when the climb is at its last offer.
  const both = deferred<void>();
  const atLast = deferred<void>();
  let known = 0;
  front.decide = async ({ versions }) => {
    if (versions.includes('TLSv1.3')) return 'reset';
    known += 1;
    if (known === 1) {
      await both.promise;
      return 'reset';
    }
    if (known === 2) {
      both.resolve();
      await atLast.promise;
      return 'reset';
    }
    if (known === 3) {
      const second = front.hellos.all().filter(({ hello }) => offerOf(hello) === 'TLSv1.2')[2];
      atLast.resolve();
      await second?.closed;
    }
    return 'pass';
  };
  const replies = await Promise.all([send(`${proxy.url}/iot/1`), send(`${proxy.url}/iot/2`)]);
  t.same(
    replies.map(({ status }) => status),
    [200, 200],
  );
  const [climb] = proxy.log.all('handshake').slice(from);
  const higher = offers('TLSv1.3+TLSv1.2').map((offer) => `${offer} reset`);
  t.same(tell(climb?.attempts), ['TLSv1.2 reset', 'TLSv1.2 reset', ...higher, 'TLSv1.2 ok']);
});
