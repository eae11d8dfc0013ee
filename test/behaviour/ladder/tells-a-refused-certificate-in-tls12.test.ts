import t from 'tap';
import { type Action, startFront } from '../../fixtures/front.ts';
import { ask, isProblem, offers, seen, until12 } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { runProxy } from '../../fixtures/proxy.ts';
import { refusal, threeIdentities } from '../../fixtures/refusing.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

t.test('A14 a certificate refused in TLS 1.2 is told as such, and no lower version is tried', async (t) => {
  const pki = await makePki();
  const { ca, server } = pki;
  const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert, ...until12 });
  let action: Action = 'pass';
  const front = await startFront(t, { to: up, decide: () => action });
  const proxy = await runProxy(t, { config: threeIdentities(front.namedUrl), files: pkiFiles(pki) });
  const [top] = offers('TLSv1.3+TLSv1.2');
  const rows: readonly [what: string, route: string, action: Action, outcome: string, detail: RegExp][] = [
    [
      'an alert',
      'iot',
      { passUntil: 'client-flight', end: { alert: 48 } },
      'alert 48',
      /authority.*`cert`.*unknown_ca/,
    ],
    [
      'another alert',
      'iot',
      { passUntil: 'client-flight', end: { alert: 46 } },
      'alert 46',
      /`cert`.*certificate_unknown/,
    ],
    ['a silent drop', 'iot', { passUntil: 'client-flight', end: 'close' }, 'close', /`cert`, `key`.*TLSv1\.2/],
    ['a reset', 'iot', { passUntil: 'client-flight', end: 'reset' }, 'reset', /`cert`, `key`.*TLSv1\.2/],
    ['a real server that drops a foreign one', 'foreign', 'pass', 'close', /`cert`, `key`/],
    [
      'a real server that misses one',
      'none',
      'pass',
      'alert 40',
      /client certificate.*`cert` and `key`.*handshake_failure/,
    ],
  ];
  for (const [what, name, wanted, outcome, detail] of rows) {
    await t.test(`A14 ${what}`, async (t) => {
      action = wanted;
      const from = front.hellos.length;
      isProblem(
        t,
        await ask(proxy, { path: `/${name}`, method: 'POST', body: 'secret' }),
        refusal(name, `${top} ${outcome}`, detail, `localhost:${front.port}`),
      );
      t.same(seen(front).slice(from), [top]);
      t.equal(front.hellos.at(from).serverHello?.version, 'TLSv1.2');
    });
  }
  t.equal(up.connections.length, 0);
  t.equal(proxy.log.all('handshake').length, 0, 'no handshake was complete');
});
