import t from 'tap';
import { startFront } from '../../fixtures/front.ts';
import { makePki } from '../../fixtures/pki.ts';
import { configFile } from '../../fixtures/probing.ts';
import { runCommand } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };
const trust = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };

const route = (name: string, upstream: string, tls = {}) => ({
  name,
  match: { path: `/${name}` },
  upstream,
  tls: { ...trust, ...tls },
});

t.test('good and bad routes', async (t) => {
  const up = await startUpstream(t, required);
  const front = await startFront(t, {
    to: up,
    decide: ({ versions }) => (versions.includes('TLSv1.3') ? 'reset' : 'pass'),
  });
  const good = [route('one', up.url), route('two', front.url)];
  const file = await configFile(t, pki, { listen: '127.0.0.1:0', routes: good });
  const result = await runCommand(['check', '--live', '--config', file]);
  t.equal(result.code, 0, result.stderr);
  const [head, one, two] = result.stdout.split('\n');
  t.match(head, /: ok \(2 routes: one, two\)$/);
  t.match(one, /^one: ok: TLSv1\.3, TLS_\S+ \(TLSv1\.3\+TLSv1\.2 ok\); server certificate: 89 days left$/);
  t.match(two, /^two: ok: TLSv1\.2, TLS_\S+ \(TLSv1\.3\+TLSv1\.2 reset, .*TLSv1\.2 ok\); server certificate: /);
  t.equal(up.requests.length, 0);

  const other = { cert: 'other-client.crt', key: 'other-client.key' };
  const bad = [
    route('refused', up.url, other),
    route('distrusted', up.url, { ca: 'other-ca.pem' }),
    route('fine', up.url),
  ];
  const mixed = await configFile(t, pki, { listen: '127.0.0.1:0', routes: bad });
  const failed = await runCommand(['check', '--live', '--config', mixed]);
  t.equal(failed.code, 1);
  const [, first, second, third] = failed.stdout.split('\n');
  t.match(first, /^refused: failed: 127\.0\.0\.1:\d+: it ended the connection right after our certificate/);
  t.match(second, /^distrusted: failed: .*its chain ends in a root that `ca` does not have/);
  t.match(third, /^fine: ok: TLSv1\.3/);

  const document = await runCommand(['check', '--live', '--json', '--config', mixed]);
  t.equal(document.code, 1);
  t.match(JSON.parse(document.stdout), {
    ok: false,
    problems: [],
    live: [
      { route: 'refused', ok: false },
      { route: 'distrusted', ok: false, detail: /its chain ends in a root/ },
      { route: 'fine', ok: true, detail: /^TLSv1\.3/ },
    ],
  });

  const offline = up.accepted;
  t.equal((await runCommand(['check', '--config', mixed])).code, 0);
  t.equal(up.accepted, offline);
});

t.test('nothing is tried where the configuration is wrong', async (t) => {
  const up = await startUpstream(t, required);
  const file = await configFile(t, pki, {
    listen: '127.0.0.1:0',
    routes: [route('one', up.url, { cert: 'none.crt' })],
  });
  const { code, stdout } = await runCommand(['check', '--live', '--config', file]);
  t.equal(code, 2);
  t.equal(stdout, '');
  t.equal(up.accepted, 0);
});
