import t from 'tap';
import type { End } from '../../fixtures/front.ts';
import { isProblem, offers, scene, seen, tell, until12, without13 } from '../../fixtures/ladder.ts';

t.test('A6 when every offer fails, the answer lists all attempts in order', async (t) => {
  const ends: readonly End[] = ['reset', 'close', { alert: 40 }, { alert: 70 }];
  const told = ['reset', 'close', 'alert 40', 'alert 70'];
  const { up, front, proxy, name, ask } = await scene(t, {
    decide: (_hello, n) => ends[n] ?? 'reset',
    tls: { versions: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1'] },
  });
  const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2', 'TLSv1.1');
  const asked = await ask();
  isProblem(t, asked, {
    status: 502,
    cause: 'tls-version',
    error: 'tls_protocol_error',
    attempts: ladder.map((offer, index) => `${offer} ${told[index]}`),
    detail:
      /accepted none of what this route may offer .*TLSv1\.3\+TLSv1\.2: reset.*TLSv1\.2: .*TLSv1\.1: .*`versions`/,
    upstream: name,
  });
  t.equal(asked.line['protocol'], undefined);
  t.match(
    asked.line,
    { detail: /TLSv1\.3\+TLSv1\.2: reset.*TLSv1\.1: / },
    'programs hide the answer; the log has it too',
  );
  t.same(seen(front), ladder);
  t.equal(up.accepted, 0);
  t.equal(proxy.log.all('handshake').length, 0);
  t.equal(proxy.log.all('fallback').length, 0);

  // Nothing that failed is remembered: the next request begins at the top again.
  await ask();
  t.same(seen(front).slice(ladder.length), ladder);
});

t.test(
  'at the level `debug` the log has each attempt of a ladder that failed, those in the background too',
  async (t) => {
    const { front, proxy, ask, name } = await scene(t, {
      decide: () => 'reset',
      server: until12,
      config: { log: { level: 'debug' } },
    });
    await ask();
    const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
    const [failed] = proxy.log.all('handshake');
    t.match(failed, { level: 20, route: 'iot', cause: 'tls-version', upstream: name });
    t.same(
      tell(failed?.attempts),
      ladder.map((offer) => `${offer} reset`),
    );

    front.decide = without13('reset');
    const from = proxy.log.lines.length;
    await ask();
    const trial = await proxy.log.next(({ msg, level }) => msg === 'handshake' && level === 20, from);
    t.same(
      tell(trial.attempts),
      ladder.slice(0, -1).map((offer) => `${offer} reset`),
    );
    t.notOk('cause' in trial, 'nobody was failed');
  },
);
