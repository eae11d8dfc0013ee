import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { type Asked, ask } from '../fixtures/ladder.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { beside, run } from './local.ts';

const password = 'changeit';

const directory = await mkdtemp(join(tmpdir(), 'jsse-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));
const at = (name: string): string => join(directory, name);

async function keytool(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await run('keytool', args);
  if (code !== 0) throw new Error(`keytool ${args.join(' ')}\n${stdout}${stderr}`);
}

const open = (name: string): string[] => ['-keystore', at(name), '-storepass', password];

/** A JKS store with a new key; its password is the store's unless told otherwise. */
async function makeKey(name: string, subject: string, more: string[], keyPassword = password): Promise<void> {
  const key = ['-alias', name, '-keyalg', 'RSA', '-keysize', '2048', '-dname', subject, '-validity', '30'];
  await keytool('-genkeypair', ...open(`${name}.jks`), '-storetype', 'JKS', ...key, '-keypass', keyPassword, ...more);
}

/** Has the key of a store certified by the authority, as people do it: request, certificate, and both put back. */
async function certify(name: string, extensions: string[], keyPassword = password): Promise<void> {
  const [request, certificate] = [at(`${name}.csr`), at(`${name}.crt`)];
  const entry = [...open(`${name}.jks`), '-alias', name, '-keypass', keyPassword];
  await keytool('-certreq', ...entry, '-file', request);
  const signed = ['-infile', request, '-outfile', certificate, '-validity', '30'];
  await keytool('-gencert', ...open('ca.jks'), '-alias', 'ca', ...signed, ...extensions);
  await keytool('-importcert', ...open(`${name}.jks`), '-alias', 'ca', '-file', at('ca.crt'), '-noprompt');
  await keytool('-importcert', ...entry, '-file', certificate, '-noprompt');
}

await makeKey('ca', 'CN=JSSE CA', ['-ext', 'bc:c']);
await keytool('-exportcert', ...open('ca.jks'), '-alias', 'ca', '-file', at('ca.crt'));
const authority = ['-alias', 'ca', '-file', at('ca.crt'), '-noprompt'];
await keytool('-importcert', ...open('trust.jks'), '-storetype', 'JKS', ...authority);
await makeKey('server', 'CN=localhost', []);
await certify('server', ['-ext', 'san=dns:localhost,ip:127.0.0.1']);
await makeKey('client', 'CN=client', [], 'another one');
await certify('client', ['-ext', 'eku=clientAuth'], 'another one');
await makeKey('stranger', 'CN=stranger', ['-ext', 'eku=clientAuth']);
const built = await run('javac', ['-d', directory, beside('JsseServer.java')]);
if (built.code !== 0) throw new Error(built.stderr);

/** Starts JsseServer.java and gives its port. */
async function startJsse(t: Scope, protocols: string): Promise<number> {
  const args = ['-XX:TieredStopAtLevel=1', '-cp', directory, 'JsseServer'];
  const stores = [at('server.jks'), at('trust.jks'), password];
  const child = spawn('java', [...args, ...stores, protocols], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.teardown(async () => {
    child.stdin.end();
    await exited;
  });
  for await (const line of createInterface(child.stdout)) return Number(line);
  throw new Error('the server did not start');
}

const truststore = { file: at('trust.jks'), password };
const keystore = { file: at('client.jks'), password, keyPassword: 'another one' };

/** A proxy whose route has the same kind of stores as the server. */
async function startProxy(t: Scope, port: number, tls: object): Promise<(body?: Buffer) => Promise<Asked>> {
  const { routes, ...rest } = oneRoute(`https://localhost:${port}`) as { routes: { tls: object }[] };
  const config = { ...rest, routes: routes.map((route) => ({ ...route, tls: { truststore, keystore, ...tls } })) };
  const proxy = await runProxy(t, { config });
  return (body) => ask(proxy, body === undefined ? {} : { method: 'POST', body });
}

function isServed(t: Test, { reply, line }: Asked, protocol: string, method: string, bytes: number): void {
  t.equal(reply.status, 200, reply.text());
  t.same(reply.json(), { protocol, client: 'CN=client', method, bytes });
  t.match(line, { protocol, status: 200 });
}

for (const protocol of ['TLSv1.3', 'TLSv1.2'] as const) {
  t.test(`B4 a Java server with ${protocol}, and the same JKS stores on our side, with two passwords`, async (t) => {
    const port = await startJsse(t, protocol);
    const asks = await startProxy(t, port, {});
    isServed(t, await asks(), protocol, 'GET', 0);
    isServed(t, await asks(Buffer.alloc(500_000)), protocol, 'POST', 500_000);

    await t.test('a certificate that it does not know', async (t) => {
      const stranger = await startProxy(t, port, { keystore: { file: at('stranger.jks'), password } });
      const { reply, line } = await stranger(Buffer.alloc(10));
      t.match(reply.json(), { status: 502, cause: 'client-certificate', attempts: [{}] });
      t.match(line, { cause: 'client-certificate', attempts: 1 });
    });
  });
}

t.test('a Java server that has TLSv1 only, as many an old one has', async (t) => {
  const port = await startJsse(t, 'TLSv1');
  const asks = await startProxy(t, port, { versions: ['TLSv1.2', 'TLSv1.1', 'TLSv1'] });
  const asked = await asks();
  isServed(t, asked, 'TLSv1', 'GET', 0);
  t.ok(Number(asked.line.attempts) > 1, 'after a fallback');
});
