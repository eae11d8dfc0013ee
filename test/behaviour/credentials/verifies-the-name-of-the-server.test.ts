import t, { type Test } from 'tap';
import { ask } from '../../fixtures/ladder.ts';
import { type Identity, makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const { ca } = pki;
const wildcard = await ca.issue({ name: 'wild', names: ['*.device.test'], ips: [] });
const addresses = await ca.issue({ name: 'addresses', names: [], ips: ['127.0.0.1'] });
const nameless = await ca.issue({ name: 'localhost', cnOnly: true });
const contact = await ca.issue({ name: 'localhost', names: [], ips: ['127.0.0.9'] });

/** One request to a server with that certificate, and the name that the server was asked for. */
async function meet(t: Test, { chain, key }: Identity, { named = false, tls = {} }: { named?: boolean; tls?: object }) {
  const up = await startUpstream(t, { cert: chain, key, ca: ca.cert });
  const proxy = await runProxy(t, { config: oneRoute(named ? up.namedUrl : up.url, tls), files: pkiFiles(pki) });
  const { reply, line } = await ask(proxy);
  if (reply.status !== 200) t.equal(up.requests.length, 0);
  const { detail = '' } = reply.json<{ detail?: string }>();
  return { status: reply.status, cause: line.cause, detail, sni: up.connections.all()[0]?.servername };
}

t.test('B8 a wildcard stands for one label', async (t) => {
  const by = (servername: string) => meet(t, wildcard, { tls: { servername } });
  t.match(await by('a.device.test'), { status: 200, sni: 'a.device.test' });
  for (const name of ['device.test', 'a.b.device.test']) {
    t.match(await by(name), {
      status: 502,
      cause: 'server-certificate',
      detail: /another name .*device\.test.*`servername`/,
    });
  }
});

t.test('B8 an address is verified, and no server name is sent', async (t) => {
  const found = await meet(t, addresses, {});
  t.equal(found.status, 200);
  t.equal(found.sni, undefined);
  t.match(await meet(t, wildcard, {}), { status: 502, detail: /another name/ });
});

t.test('B8 a name that stands only in CN is refused', async (t) => {
  for (const certificate of [nameless, contact]) {
    t.match(await meet(t, certificate, { named: true }), {
      status: 502,
      cause: 'server-certificate',
      detail: /only as CN=localhost, which does not count .*subjectAltName.*`pins` and `verifyHostname: false`/,
    });
  }
  const tls = { pins: [nameless.spkiPin], verifyHostname: false };
  t.match(await meet(t, nameless, { named: true, tls }), { status: 200 }, 'the way out that the hint names');
});

t.test('B9 servername is what is sent and what is verified', async (t) => {
  t.match(await meet(t, wildcard, { named: true, tls: { servername: 'x.device.test' } }), {
    status: 200,
    sni: 'x.device.test',
  });
  t.match(await meet(t, pki.server, { named: true, tls: { servername: 'x.device.test' } }), { status: 502 });
});

t.test('B11 pins', async (t) => {
  const { spkiPin } = pki.server;
  const by = (pins: readonly string[]) => meet(t, pki.server, { tls: { pins } });
  t.match(await by([spkiPin]), { status: 200 });
  t.match(await by([pki.other.server.spkiPin, spkiPin]), { status: 200 }, 'one of several');
  const wrong = await by([pki.other.server.spkiPin]);
  t.match(wrong, { status: 502, cause: 'server-certificate' });
  t.ok(wrong.detail.includes(spkiPin), 'the hint has the right one');
});
