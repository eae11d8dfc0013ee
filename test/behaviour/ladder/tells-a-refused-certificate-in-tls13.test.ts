import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { type Action, startFront } from '../../fixtures/front.ts';
import { ask, isProblem, offers, seen } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { runProxy } from '../../fixtures/proxy.ts';
import { refusal, threeIdentities } from '../../fixtures/refusing.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

t.test('A15 a certificate refused after a TLS 1.3 handshake is told as such and costs no request', async (t) => {
  const pki = await makePki();
  const { ca, server } = pki;
  const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: ca.cert });
  let action: Action = 'pass';
  // A slow handshake: a server is given as long as that to refuse us, which is long enough on a busy machine too.
  const front = await startFront(t, {
    to: up,
    async decide() {
      await pause(250);
      return action;
    },
  });
  const proxy = await runProxy(t, { config: threeIdentities(front.namedUrl), files: pkiFiles(pki) });
  const [top] = offers('TLSv1.3+TLSv1.2');
  const rows: readonly [what: string, route: string, action: Action, outcome: string, detail: RegExp][] = [
    ['alert 116', 'iot', { passUntil: 'client-flight', end: { alert: 116 } }, 'alert 116', /`cert` and `key`/],
    [
      'alert 48',
      'iot',
      { passUntil: 'client-flight', end: { alert: 48 } },
      'alert 48',
      /authority.*`cert`.*unknown_ca/,
    ],
    [
      'a bare close',
      'iot',
      { passUntil: 'client-flight', end: 'close' },
      'close',
      /`cert`, `key`.*`versions: \[TLSv1\.2\]`/,
    ],
    [
      'a reset',
      'iot',
      { passUntil: 'client-flight', end: 'reset' },
      'reset',
      /`cert`, `key`.*`versions: \[TLSv1\.2\]`/,
    ],
    ['a real server that drops a foreign one', 'foreign', 'pass', 'close', /`cert`, `key`/],
    ['a real server that misses one', 'none', 'pass', 'alert 116', /demands a client certificate.*`cert` and `key`/],
  ];
  const body = Buffer.alloc(100_000, 'secret');
  for (const method of ['GET', 'POST']) {
    for (const [what, name, wanted, outcome, detail] of rows) {
      await t.test(`A15 ${what}, ${method}`, async (t) => {
        action = wanted;
        const from = front.hellos.length;
        const asked = await ask(proxy, { path: `/${name}`, method, ...(method === 'POST' ? { body } : {}) });
        isProblem(t, asked, refusal(name, `${top} ${outcome}`, detail, `localhost:${front.port}`));
        t.equal(asked.line.protocol, 'TLSv1.3');
        t.same(seen(front).slice(from), [top]);
        const connection = front.hellos.at(from);
        await connection.closed;
        t.equal(connection.serverHello?.version, 'TLSv1.3');
        t.ok(connection.clientBytes < 10_000, `no body was sent: ${connection.clientBytes} bytes in all`);
      });
    }
  }
  t.equal(up.connections.length, 0);
  t.equal(up.requests.length, 0, 'nothing was delivered');
  t.equal(proxy.log.all('fallback').length, 0);
});
