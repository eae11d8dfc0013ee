import t from 'tap';
import { intolerant, pass, scene, seen, until12, without13 } from '../../fixtures/ladder.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

t.test('what one process has found out, one that begins knows', async (t) => {
  const { front, proxy } = await scene(t, {
    decide: without13('reset'),
    server: until12,
    tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
    route: { pool: { keepAlive: false } },
    config: { workers: 2 },
  });
  const pids = await untilServedBy(proxy, `${proxy.url}/iot/x`, 2);
  const fallbacks = proxy.log.all('fallback').length;
  t.ok(fallbacks >= 1);
  const [first] = pids as [number];
  process.kill(first, 'SIGKILL');
  const from = seen(front).length;
  const after = await untilServedBy(proxy, `${proxy.url}/iot/x`, 2);
  t.notOk(after.includes(first));
  t.equal(proxy.log.all('fallback').length, fallbacks, 'nobody had to fall back again');
  const served = proxy.log
    .all('handshake')
    .filter((line) => line['pid'] !== first && pids.includes(Number(line['pid'])) === false);
  t.ok(served.length > 0);
  for (const line of served) t.match(line, { offer: 'TLSv1.2', attempts: [{ outcome: 'ok' }] });
  t.ok(from > 0);
});

for (const [who, killed] of [
  ['the process that fell back', (first: number) => [first]],
  ['every process at once', (_first: number, all: readonly number[]) => all],
] as const) {
  t.test(`A4 it returns to the best offer also where ${who} is gone`, async (t) => {
    let decide = intolerant;
    const { proxy, ask } = await scene(t, {
      decide: (...hello) => decide(...hello),
      tls: { versions: ['TLSv1.3', 'TLSv1.2'] },
      route: { pool: { keepAlive: false } },
      config: { workers: 2 },
    });
    const url = `${proxy.url}/iot/x`;
    // Alone, so that the others hear of it and do not find it out themselves.
    await ask();
    const [fallback] = proxy.log.all('fallback');
    const pids = await untilServedBy(proxy, url, 2);
    t.equal(proxy.log.all('recovered').length, 0);
    for (const pid of killed(Number(fallback?.['pid']), pids)) process.kill(pid, 'SIGKILL');
    decide = pass;
    const recovered = await proxy.log.next('recovered');
    t.match(recovered, { route: 'iot', protocol: 'TLSv1.3' });
    t.not(recovered['pid'], fallback?.['pid'], 'somebody else has tried it again');
  });
}
