import { constants } from 'node:crypto';
import t from 'tap';
import { scene, seen } from '../../fixtures/ladder.ts';

const count = 4;

for (const { what, tls, options, resumed } of [
  { what: 'resumed where the server allows it', tls: {}, options: {}, resumed: true },
  {
    what: 'full where the server gives no ticket',
    tls: { versions: ['TLSv1.2'] },
    options: { secureOptions: constants.SSL_OP_NO_TICKET },
    resumed: false,
  },
  { what: 'full with `resume: false`', tls: { resume: false }, options: {}, resumed: false },
]) {
  t.test(`A29 keepAlive: false makes a handshake for each request, ${what}`, async (t) => {
    const { up, front, proxy, ask } = await scene(t, {
      decide: () => 'pass',
      server: { tls: options },
      tls,
      route: { pool: { keepAlive: false } },
    });
    const expected = Array.from({ length: count }, (_, n) => resumed && n > 0);
    for (const again of expected) {
      const { reply, line } = await ask();
      t.match(reply.json(), { client: 'client', resumed: again });
      t.match(line, { status: 200, reused: false, replayed: false, attempts: 1 });
    }
    t.same(
      proxy.log.all('handshake').map((line) => line.resumed),
      expected,
    );
    t.same(
      up.connections.all().map(({ requests }) => requests),
      expected.map(() => 1),
    );
    t.equal(seen(front).length, count);
    // Each connection is gone when its request is over: none is kept for nothing.
    await Promise.all(front.hellos.all().map(({ closed }) => closed));
  });
}
