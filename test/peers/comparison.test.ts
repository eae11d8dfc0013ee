import t, { type Test } from 'tap';
import { send } from '../fixtures/client.ts';
import { intolerant, until12 } from '../fixtures/ladder.ts';
import { type Peer, startCaddy, startHaproxy, startNginx } from '../fixtures/peers.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startFront, startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const files = { ...pkiFiles(pki), 'client.both': `${pki.client.chain}${pki.client.key}` };

/** The server of docs/tutorial.md: TLS 1.2, behind a front that resets hellos offering TLS 1.3. */
async function startResetting(t: Test) {
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert, ...until12 });
  return { up, front: await startFront(t, { to: up, decide: intolerant }) };
}

/** How each is told to reach it with TLS 1.2 and 1.3, and what comes of it: the status, and a line of its log. */
const others: Readonly<Record<string, readonly [start: (t: Test, port: number) => Promise<Peer>, number, RegExp]>> = {
  nginx: [
    (t, port) =>
      startNginx(
        t,
        (own) => `server { listen 127.0.0.1:${own}; location / {
          proxy_pass https://127.0.0.1:${port};
          proxy_ssl_protocols TLSv1.2 TLSv1.3;
          proxy_ssl_certificate client.crt; proxy_ssl_certificate_key client.key;
          proxy_ssl_trusted_certificate ca.pem; proxy_ssl_verify on; proxy_ssl_name localhost;
        } }`,
        files,
      ),
    502,
    /peer closed connection in SSL handshake \(104/,
  ],
  HAProxy: [
    (t, port) =>
      startHaproxy(
        t,
        (own) => `
listen here
  bind 127.0.0.1:${own}
  log-format "%ST %[bc_err_str]"
  server there 127.0.0.1:${port} ssl crt client.both ca-file ca.pem verify required verifyhost localhost
`,
        files,
      ),
    503,
    /^503 SSL handshake failure/,
  ],
  Caddy: [
    (t, port) =>
      startCaddy(
        t,
        (own) => `{
 admin off
}
http://:${own} {
 reverse_proxy https://127.0.0.1:${port} {
  transport http {
   tls_client_auth client.crt client.key
   tls_trusted_ca_certs ca.pem
   tls_server_name localhost
  }
 }
}
`,
        files,
      ),
    502,
    /connection reset by peer/,
  ],
};

for (const [name, [start, status, line]] of Object.entries(others)) {
  t.test(`docs/comparison.md: ${name} answers ${status} where TLS 1.3 is reset`, async (t) => {
    const { up, front } = await startResetting(t);
    const peer = await start(t, front.port);
    t.equal((await send(`http://127.0.0.1:${peer.port}/`)).status, status);
    await peer.lines.first((text) => line.test(text));
    t.ok(
      front.hellos.all().every(({ hello }) => hello.versions.includes('TLSv1.3')),
      'it has not offered less',
    );
    t.equal(up.requests.length, 0);
  });
}

t.test('docs/comparison.md: and this proxy comes through', async (t) => {
  const { front } = await startResetting(t);
  const proxy = await runProxy(t, { config: oneRoute(front.url), files });
  const reply = await send(`${proxy.url}/iot`);
  t.equal(reply.status, 200);
  t.match(reply.json(), { client: 'client', protocol: 'TLSv1.2' });
});
