import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startFront } from '../fixtures/front.ts';
import { ask, isProblem, offers, seen, until12, without13 } from '../fixtures/ladder.ts';
import { startPeer } from '../fixtures/peers.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { run } from './local.ts';

const pki = await makePki();
const trusting = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };
const [first] = offers('TLSv1.3+TLSv1.2');

/** Where Debian has the program that knows Apache's password files. */
const checker = '/usr/lib/squid/basic_ncsa_auth';

/**
 * Squid as a CONNECT proxy on a port of 127.0.0.1, which knows no cache, no log and no name server.
 * @param rules what comes before its allowing of every CONNECT
 */
async function startSquid(t: Scope, rules = ''): Promise<{ readonly url: string; readonly name: string }> {
  // Its shared memory is named after the service; a squid that is killed leaves it behind.
  const service = `t${randomBytes(6).toString('hex')}`;
  t.teardown(() =>
    Promise.all(
      ['metadata', 'queues', 'readers'].map((part) => rm(`/dev/shm/${service}-cf__${part}.shm`, { force: true })),
    ),
  );
  const config = (port: number): string =>
    `
    http_port 127.0.0.1:${port}
    ${rules}
    http_access allow CONNECT
    http_access deny all
    cache deny all
    cache_mem 0
    access_log none
    cache_log /dev/null
    netdb_filename none
    pid_filename none
    pinger_enable off
    visible_hostname squid.test
    dns_nameservers 127.0.0.1
    shutdown_lifetime 0 seconds
  `.replace(/^ +/gm, '');
  const { port } = await startPeer(t, {
    command: 'squid',
    args: () => ['-N', '-n', service, '-d', '1', '-f', 'squid.conf'],
    files: (port) => ({ 'squid.conf': config(port) }),
  });
  return { url: `http://127.0.0.1:${port}`, name: `127.0.0.1:${port}` };
}

/** Rules that ask for the password of `jane`. */
async function passwordRules(t: Scope, password: string): Promise<string> {
  const hash = await run('openssl', ['passwd', '-apr1', '-stdin'], { input: Buffer.from(`${password}\n`) });
  const directory = await mkdtemp(join(tmpdir(), 'squid-'));
  t.teardown(() => rm(directory, { recursive: true }));
  // Started by root, squid gives that up, and its checker must still read the file.
  await chmod(directory, 0o755);
  const file = join(directory, 'passwords');
  await writeFile(file, `jane:${hash.stdout}`, { mode: 0o644 });
  return `
    auth_param basic program ${checker} ${file}
    auth_param basic children 1 startup=1 idle=1
    auth_param basic realm egress
    acl known proxy_auth REQUIRED
    http_access deny !known`;
}

t.test('D26 through squid without a password', async (t) => {
  const squid = await startSquid(t);
  const up = await startUpstream(t, trusting);

  await t.test('requests go through, large ones too', async (t) => {
    const proxy = await runProxy(t, { config: oneRoute(up.namedUrl, {}, { via: squid.url }), files: pkiFiles(pki) });
    const { reply } = await ask(proxy, { method: 'POST', body: 'x'.repeat(1_000_000) });
    t.equal(reply.status, 200);
    t.match(reply.json(), { client: 'client', protocol: 'TLSv1.3', bytes: 1_000_000 });
    t.match((await ask(proxy)).line, { status: 200, reused: true });
  });

  await t.test('A1 the ladder is climbed inside', async (t) => {
    const up = await startUpstream(t, { ...trusting, ...until12 });
    const front = await startFront(t, { to: up, decide: without13('reset') });
    const proxy = await runProxy(t, { config: oneRoute(front.url, {}, { via: squid.url }), files: pkiFiles(pki) });
    const { reply } = await ask(proxy);
    t.equal(reply.status, 200);
    t.match(reply.json(), { protocol: 'TLSv1.2' });
    t.same(seen(front), offers('TLSv1.3+TLSv1.2', 'TLSv1.2'));
    t.match(proxy.log.all('fallback'), [{ from: 'TLSv1.3+TLSv1.2', to: 'TLSv1.2' }]);
  });

  await t.test('an upstream that refuses', async (t) => {
    const config = oneRoute('https://127.0.0.1:1', {}, { via: squid.url });
    isProblem(t, await ask(await runProxy(t, { config, files: pkiFiles(pki) })), {
      status: 502,
      cause: 'unreachable',
      error: 'destination_ip_unroutable',
      attempts: [`${first} via`],
      detail: /the CONNECT proxy \S+ says that it cannot reach the upstream \(503, ERR_CONNECT_FAIL\)/,
      upstream: '127.0.0.1:1',
    });
  });
});

t.test('D26 squid that does not allow it', async (t) => {
  const squid = await startSquid(t, 'acl forbidden dstdomain forbidden.test\nhttp_access deny forbidden');
  const config = oneRoute('https://forbidden.test', {}, { via: squid.url });
  isProblem(t, await ask(await runProxy(t, { config, files: pkiFiles(pki) })), {
    status: 502,
    cause: 'refused',
    error: 'connection_refused',
    attempts: [`${first} via`],
    detail: /the CONNECT proxy \S+ does not allow a tunnel to that host and port \(403, ERR_ACCESS_DENIED\)/,
    upstream: 'forbidden.test:443',
  });
});

t.test('D26 through squid with a password', async (t) => {
  const password = 'hunter2 @:/ grün';
  const squid = await startSquid(t, await passwordRules(t, password));
  const up = await startUpstream(t, trusting);
  const through = async (via: string | object) => {
    const proxy = await runProxy(t, {
      config: oneRoute(up.url, {}, { via }),
      files: pkiFiles(pki),
      env: { EGRESS_PASSWORD: password },
    });
    const asked = await ask(proxy);
    const { stdout, stderr } = await proxy.stop();
    t.notMatch(stdout + stderr + asked.reply.text(), /hunter|jane/);
    return asked;
  };
  const url = (credentials: string) => squid.url.replace('//', `//${credentials}@`);
  const refused = (detail: RegExp) => ({
    status: 502,
    cause: 'refused',
    error: 'connection_refused',
    attempts: [`${first} via`],
    detail,
    upstream: `127.0.0.1:${up.port}`,
  });

  await t.test('right', async (t) => {
    const beside = { url: squid.url, username: 'jane', password: { env: 'EGRESS_PASSWORD' } };
    for (const via of [beside, url(`jane:${encodeURIComponent(password)}`)]) {
      const { reply } = await through(via);
      t.equal(reply.status, 200);
      t.match(reply.json(), { client: 'client' });
    }
  });

  await t.test('missing', async (t) => {
    const detail = /wants credentials \(407, ERR_CACHE_ACCESS_DENIED\); set `via.username` and `via.password`/;
    isProblem(t, await through(squid.url), refused(detail));
  });

  await t.test('wrong', async (t) => {
    const detail = /did not accept the credentials \(407, ERR_CACHE_ACCESS_DENIED\); check `via.username`/;
    isProblem(t, await through(url('jane:hunter3')), refused(detail));
  });
});
