import * as tls from 'node:tls';
import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { ask } from '../../fixtures/ladder.ts';
import { makeAuthority, makePki, pkiFiles, selfSigned } from '../../fixtures/pki.ts';
import { type Proxy as RunningProxy, runProxy } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream, type Upstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const middle = await makeAuthority({ name: 'Middle', parent: pki.ca });
const below = await middle.issue({ name: 'localhost' });
const alone = await selfSigned({ name: 'localhost' });
const files = {
  ...pkiFiles(pki),
  'both.pem': `# two\n${pki.other.ca.cert}${pki.ca.cert}`,
  'middle.pem': middle.cert,
  'alone.pem': alone.cert,
};

/** The proxy with a route for each way to trust, `/0` on, to the same server. */
async function trusting(
  t: Scope,
  up: Upstream,
  ways: readonly (string | readonly string[] | object | undefined)[],
  env: Record<string, string> = {},
): Promise<{ proxy: RunningProxy; outcomes: () => Promise<(string | number)[]> }> {
  const routes = ways.map((way, index) => ({
    name: `r${index}`,
    match: { path: `/${index}` },
    upstream: up.url,
    tls: { versions: 'TLSv1.2', ...(typeof way === 'string' || Array.isArray(way) ? { ca: way } : way) },
  }));
  const proxy = await runProxy(t, { config: { listen: '127.0.0.1:0', routes }, files, env });
  const outcomes = async () => {
    const all: (string | number)[] = [];
    for (const index of ways.keys()) {
      const { reply, line } = await ask(proxy, { path: `/${index}/x` });
      all.push(reply.status === 200 ? 200 : `${line.cause}`);
    }
    return all;
  };
  return { proxy, outcomes };
}

t.test('B7 a wrong authority, several files, and a private one beside those of Node and the system', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key });
  const { outcomes } = await trusting(t, up, [
    'other-ca.pem',
    'twin-ca.pem',
    'bundled',
    ['other-ca.pem', 'ca.pem'],
    'both.pem',
    ['bundled', 'ca.pem'],
    ['default', 'ca.pem'],
  ]);
  const wrong = 'server-certificate';
  t.same(await outcomes(), [wrong, wrong, wrong, 200, 200, 200, 200]);
});

t.test('B7 the system’s store, and what NODE_EXTRA_CA_CERTS adds to the default', async (t) => {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key });
  const directory = t.testdir({ 'ca.pem': pki.ca.cert });
  const extra = await trusting(t, up, [undefined, 'bundled'], { NODE_EXTRA_CA_CERTS: `${directory}/ca.pem` });
  // Node before 22.15 does not tell what the variable names, nor where the system's store is.
  const told = 'getCACertificates' in tls;
  t.same(await extra.outcomes(), [told ? 200 : 'server-certificate', 'server-certificate']);
  const { found } = await check(
    t,
    {
      listen: '127.0.0.1:0',
      routes: [{ name: 'a', match: { path: '/' }, upstream: up.url, tls: { ca: ['system', 'nothing.pem'] } }],
    },
    {},
  );
  t.ok(
    found.some(({ at }) => at === 'nothing.pem'),
    'a word beside a file',
  );
});

t.test('B12 a server that does not send its intermediate certificate', async (t) => {
  const up = await startUpstream(t, { cert: below.cert, key: below.key });
  const { proxy, outcomes } = await trusting(t, up, ['ca.pem', ['ca.pem', 'middle.pem'], 'middle.pem']);
  t.same(await outcomes(), ['server-certificate', 200, 'server-certificate']);
  const { detail } = (await ask(proxy, { path: '/0/x' })).reply.json<{ detail: string }>();
  t.match(detail, /does not send its intermediate certificate: .* name it in `ca` beside the root.*CA Issuers/);
  t.match((await proxy.stop()).stderr, /warning: .*middle\.pem: CN=Middle is no root.*verifies nothing/);
});

t.test('A13 a self-signed server is trusted by naming its certificate, never otherwise', async (t) => {
  const up = await startUpstream(t, { cert: alone.cert, key: alone.key });
  const pins = [alone.spkiPin];
  const { outcomes, proxy } = await trusting(t, up, [
    'alone.pem',
    'ca.pem',
    { ca: 'ca.pem', pins },
    { ca: 'alone.pem', pins },
  ]);
  t.same(await outcomes(), [200, 'server-certificate', 'server-certificate', 200]);
  t.equal((await proxy.stop()).stderr, '');
});
