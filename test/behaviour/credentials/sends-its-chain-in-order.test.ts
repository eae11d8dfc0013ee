import t from 'tap';
import { ask } from '../../fixtures/ladder.ts';
import { makeAuthority } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const root = await makeAuthority({ name: 'Root' });
const upper = await makeAuthority({ name: 'Upper', parent: root });
const lower = await makeAuthority({ name: 'Lower', parent: upper });
const server = await root.issue({ name: 'localhost' });
const client = await lower.issue({ name: 'client', usage: 'client' });

const rows = {
  'in order': { files: { 'client.crt': client.chain } },
  'in another order, with the root and comments': {
    files: { 'client.crt': `# ours\n${root.cert}subject=CN=Upper\r\n${upper.cert}${lower.cert}\n\n${client.cert}` },
  },
  'in UTF-16': { files: { 'client.crt': Buffer.from(`\uFEFF${client.chain}`, 'utf16le') } },
  'with CRLF behind a byte order mark': { files: { 'client.crt': `\uFEFF${client.chain.replaceAll('\n', '\r\n')}` } },
  'the intermediates among the trust anchors': {
    files: { 'client.crt': client.cert, 'ca.pem': `${lower.cert}${root.cert}${upper.cert}` },
  },
};

for (const [name, { files }] of Object.entries(rows)) {
  t.test(`B1 a server that knows only the root accepts a chain ${name}`, async (t) => {
    const up = await startUpstream(t, { cert: server.chain, key: server.key, ca: root.cert });
    const proxy = await runProxy(t, {
      config: oneRoute(up.url),
      files: { 'ca.pem': root.cert, 'client.key': client.key, ...files },
    });
    const { reply } = await ask(proxy);
    t.equal(reply.status, 200);
    t.match(reply.json(), { client: 'client' });
    t.equal(up.connections.at(0).fingerprint, client.fingerprint);
    t.equal(up.connections.at(0).authorized, true);
    t.equal((await proxy.stop()).stderr, '', 'nothing to warn of');
  });
}
