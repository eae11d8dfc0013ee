import t from 'tap';
import { startConnectProxy } from '../../fixtures/connect-proxy.ts';
import { makePki } from '../../fixtures/pki.ts';
import { configFile, probeRoute, told } from '../../fixtures/probing.ts';
import { oneRoute, runCommand } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const secret = 'hunter2';

t.test('D26 `probe` and `check --live` go the way that requests go', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const egress = await startConnectProxy(t, { to: up });
  const upstream = 'https://only-there.test:8743';
  const { document, file } = await probeRoute(t, pki, upstream, { servername: 'localhost' }, { via: egress.url });
  t.ok(document.confirmed);
  t.match(document, { upstream: 'only-there.test:8743', via: egress.name });
  t.ok(told(document).includes('TLSv1.3 default: ok'));
  t.ok(told(document).includes('TLSv1.2 default: ok'));
  t.ok(egress.requests.all().every(({ target }) => target === 'only-there.test:8743'));
  t.equal(egress.accepted, document.handshakes.length);
  const live = await runCommand(['check', '--live', '--config', file]);
  t.match(live, { code: 0, stdout: /iot: ok: TLSv1\.3/ });
  t.equal(egress.accepted, document.handshakes.length + 1);
});

t.test('D26 they tell what is wrong with the proxy, once, without its credentials', async (t) => {
  const egress = await startConnectProxy(t, { decide: () => ({ answer: 'HTTP/1.1 407 No\r\n\r\n', end: 'close' }) });
  const via = { url: egress.url, username: 'jane', password: secret };
  const file = await configFile(t, pki, oneRoute('https://only-there.test', {}, { via }));
  const wrong =
    /CONNECT\s+proxy\s+127\.0\.0\.1:\d+\s+did\s+not\s+accept\s+the\s+credentials\s+\(407\);\s+check\s+`via\.username`/;
  const probed = await runCommand(['probe', 'iot', '--config', file]);
  t.match(probed, { code: 1, stdout: wrong });
  t.match(
    probed.stdout,
    new RegExp(`^only-there\\.test:443, through the CONNECT\\s+proxy\\s+${egress.name}, seen\\s+from`),
  );
  t.equal(egress.accepted, 1, 'another version would meet the same');
  const live = await runCommand(['check', '--live', '--config', file]);
  t.match(live, { code: 1, stdout: wrong });
  t.match(live.stderr, /a secret in plain text; \{ env: NAME \} or \{ file: PATH \}/);
  for (const { stdout, stderr } of [probed, live]) t.notMatch(stdout + stderr, /hunter2|jane:/);
});
