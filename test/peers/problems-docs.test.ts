import t, { type Test } from 'tap';
import { commandsIn, readDocument } from '../fixtures/documents.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { startUpstream, type Upstream } from '../fixtures/upstreams.ts';
import { run } from './local.ts';

const pki = await makePki();

/** What has to stand in the output of each command with which docs/problems.md looks at a server, a certificate or a name. */
const looks: Readonly<Record<string, RegExp>> = {
  'openssl s_client -connect HOST:PORT': /^-----BEGIN CERTIFICATE-----$/m,
  'openssl x509 -in client.crt -noout -text': /TLS Web Client Authentication/,
  'getent hosts NAME': /\slocalhost\b/,
  'curl -v --cacert ca.pem --cert client.crt --key client.key URL': /^< HTTP\/1\.1 200 /m,
};

/** The command for this machine. */
const here = (command: string, up: Upstream): string =>
  command.replace('HOST:PORT', `127.0.0.1:${up.port}`).replace('NAME', 'localhost').replace('URL', `${up.url}/`);

t.test('docs/problems.md: the commands with which a cause is confirmed', async (t: Test) => {
  const told = commandsIn(readDocument('docs/problems.md')).map(({ command }) => command);
  const others = [...new Set(told)].filter((command) => !/^(mtls-proxy|ulimit) /.test(command));
  t.same(others.sort(), Object.keys(looks).sort());
  const up = await startUpstream(t, { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert });
  const cwd = await makeFolder(t, pkiFiles(pki));
  for (const [command, seen] of Object.entries(looks)) {
    const { stdout, stderr } = await run('bash', ['-c', here(command, up)], { cwd });
    t.match(`${stdout}${stderr}`, seen, command);
  }
});
