import t from 'tap';
import { isProblem, offers, scene, seen, until12 } from '../../fixtures/ladder.ts';

const tls = { versions: ['TLSv1.3', 'TLSv1.1'], remember: 0 };
const ladder = offers('TLSv1.3', 'TLSv1.1');

t.test('A23 versions [1.3, 1.1]: 1.2 is left out on the way down', async (t) => {
  const { front, ask } = await scene(t, {
    decide: () => 'pass',
    server: { versions: { min: 'TLSv1', max: 'TLSv1.1' } },
    tls,
  });
  const { reply, line } = await ask();
  t.match(reply.json(), { client: 'client', protocol: 'TLSv1.1' });
  t.match(line, { protocol: 'TLSv1.1', attempts: ladder.length });
  t.same(seen(front), ladder);
});

t.test('A23 a server that has 1.2 only is not reached', async (t) => {
  const { up, front, name, ask } = await scene(t, { decide: () => 'pass', server: until12, tls });
  isProblem(t, await ask(), {
    status: 502,
    cause: 'tls-version',
    error: 'tls_protocol_error',
    attempts: ladder.map((offer) => `${offer} alert 70`),
    detail: /TLSv1\.1: it does not speak that.*`versions`/,
    upstream: name,
  });
  t.same(seen(front), ladder);
  t.equal(up.requests.length, 0);
});

t.test('A23 a server that says below the hole what it can do: the hint is to list that', async (t) => {
  const { up, name, ask } = await scene(t, {
    decide: ({ versions }) => (versions.includes('TLSv1.3') ? 'reset' : 'pass'),
    server: { versions: { min: 'TLSv1', max: 'TLSv1.2' } },
    tls,
  });
  isProblem(t, await ask(), {
    status: 502,
    cause: 'tls-version',
    error: 'tls_protocol_error',
    attempts: ladder.map((offer) => `${offer} ${offer === 'TLSv1.1' ? 'downgrade' : 'reset'}`),
    detail: /speaks TLSv1\.2 or better: add that to `versions`/,
    upstream: name,
  });
  t.equal(up.requests.length, 0);
});
