import dns from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import { prepare } from '../../src/server/prepare.ts';
import { startServer } from '../../src/server/server.ts';
import { open, rawRequest, send } from '../fixtures/client.ts';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { Log, oneRoute } from '../fixtures/proxy.ts';
import { makeFolder, soundOf } from '../fixtures/sound.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { deferred } from '../fixtures/wire.ts';

const pki = await makePki();
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };

async function written(t: Scope, config: object, files: Record<string, string> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'server-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await writeFiles(directory, { ...pkiFiles(pki), 'proxy.yaml': stringify(config), ...files });
  return join(directory, 'proxy.yaml');
}

async function start(t: Scope, config: object) {
  const loaded = loadConfig(await written(t, config), {});
  const { problems, sound } = prepare(loaded);
  if (sound === undefined) throw new Error(JSON.stringify(problems));
  const log = new Log();
  const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });
  const server = await startServer({ sound, logger });
  let stopped: Promise<boolean> | undefined;
  const stop = (drain?: number): Promise<boolean> => {
    stopped ??= server.stop(drain);
    return stopped;
  };
  t.teardown(() => stop(0));
  return { log, stop, server, url: `http://${server.addresses[0]}`, addresses: server.addresses };
}

t.test('prepare: a problem with what a route names is at its place', async (t) => {
  const tls = { ca: ['ca.pem', 'broken.pem'], key: 'other-client.key' };
  const file = await written(t, oneRoute('https://127.0.0.1:1', tls), { 'broken.pem': 'nothing' });
  const loaded = loadConfig(file, {});
  const { problems, sound } = prepare(loaded);
  t.equal(sound, undefined);
  t.match(
    problems.map(({ source, message }) => [source.trim(), message]),
    [
      ['- broken.pem', /broken.pem holds nothing that is known here; `ca` takes certificates in PEM/],
      ['key: other-client.key', /is not the key of any in/],
    ],
  );
  t.ok(problems.every(({ line, column }) => line > 1 && column > 1));
});

t.test('prepare: without a configuration there is nothing to start', async (t) => {
  t.match(prepare(loadConfig('/nowhere/proxy.yaml', {})), { sound: undefined, problems: [{ severity: 'error' }] });
});

t.test('a request, and its line in the log', async (t) => {
  const up = await startUpstream(t, required);
  const { url, log, addresses } = await start(t, { ...oneRoute(up.url), listen: ['127.0.0.1:0', '[::1]:0'] });
  t.equal(addresses.length, 2);
  t.same(
    log.all('listening').map(({ address }) => address),
    addresses,
  );
  t.match((await send(`${url}/iot/x?secret`)).json(), { target: '/x?secret', client: 'client' });
  t.match(await log.next('request'), { route: 'iot', method: 'GET', path: '/iot/x', status: 200, protocol: /^TLSv1/ });
  t.equal((await send(`http://${addresses[1]}/iot/y`)).status, 200);
});

t.test('who may: the listeners’ own names, the routes’, and anybody where it is exposed', async (t) => {
  const up = await startUpstream(t, required);
  const routed = oneRoute(up.url, {}, { match: { host: 'device.test' } });
  const { url, log } = await start(t, routed);
  const by = async (to: string, host: string) => (await send(to, { headers: { Host: host } })).status;
  t.equal(await by(url, 'evil.test'), 403);
  t.match(await log.next('request'), { status: 403, cause: 'guard' });
  t.equal(await by(url, 'device.test'), 200);
  t.equal(await by(url, 'localhost'), 404);
  const open = await start(t, { ...routed, exposed: true, guard: { token: 'x' } });
  t.equal(await by(open.url, 'evil.test'), 407, 'by any name, with the token');
});

t.test('stop: what runs is finished', async (t) => {
  let answer = (): void => undefined;
  const up = await startUpstream(t, {
    ...required,
    handler: (_request, response) => {
      answer = () => void response.end('done');
    },
  });
  const { url, stop, log } = await start(t, oneRoute(up.url));
  const { response } = open(`${url}/iot/x`);
  await up.requests.first();
  const silent = await rawRequest(t, Number(new URL(url).port), '');
  const stopped = stop();
  await silent.ended;
  answer();
  t.equal((await response).statusCode, 200);
  (await response).resume();
  t.equal(await stopped, true);
  t.match(log.all('draining'), [{ inFlight: 1 }]);
  t.match(log.all('stopped'), [{ inFlight: 0 }]);
});

t.test('stop: past the drain what runs is cut off', async (t) => {
  const up = await startUpstream(t, { ...required, handler: () => undefined });
  const { url, stop, log } = await start(t, oneRoute(up.url));
  const { response } = open(`${url}/iot/x`);
  const { over } = await up.requests.first();
  t.equal(await stop(0), false);
  await t.rejects(response);
  await over;
  t.match(await log.next('request'), { aborted: true, status: 0 });
});

t.test('E10 while it starts it is alive, and not ready', async (t) => {
  const up = await startUpstream(t, required);
  const directory = await mkdtemp(join(tmpdir(), 'server-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const socketPath = join(directory, 'admin.sock');
  const listen = { listen: 'slow.test:0', exposed: true, guard: { hosts: ['slow.test'] } };
  const config = { ...oneRoute(up.url), ...listen, admin: `unix:${socketPath}` };
  const look = async (path: string): Promise<[number, string]> => {
    const reply = await send(`http://localhost${path}`, { socketPath });
    return [reply.status, reply.text()];
  };
  const { lookup } = dns;
  t.teardown(() => (dns.lookup = lookup));
  const asked = deferred<() => void>();
  // The address of a listener is a long time coming.
  dns.lookup = ((name: string, options: object, callback: () => void) => {
    if (name === 'slow.test') asked.resolve(() => lookup('127.0.0.1', options, callback));
    else lookup(name, options, callback);
  }) as typeof lookup;
  const starting = start(t, config);
  const answer = await asked.promise;
  t.match(await look('/readyz'), [503, 'starting\n']);
  t.match(await look('/healthz'), [200, 'alive\n']);
  answer();
  const { addresses } = await starting;
  t.match(await look('/readyz'), [200, 'ready\n']);
  t.equal(addresses.length, 1);
});

t.test('a configuration that comes to a server that stops is not taken over', async (t) => {
  const up = await startUpstream(t, required);
  const { server, log, stop } = await start(t, oneRoute(up.url));
  const folder = await makeFolder(t, pkiFiles(pki));
  const other = await soundOf(folder, { ...oneRoute(up.url), listen: ['127.0.0.1:0', 'localhost:0'] });
  const replaced = server.replace(other);
  t.equal(await stop(), true);
  t.same(await replaced, { outcome: 'draining', changed: [] });
  t.equal(server.snapshot.generation, 1);
  t.equal(log.all('listening').length, 1);
});

t.test('every listener or none', async (t) => {
  const up = await startUpstream(t, required);
  const taken = await start(t, oneRoute(up.url));
  const listen = ['127.0.0.1:0', taken.addresses[0]];
  await t.rejects(start(t, { ...oneRoute(up.url), listen }), { code: 'EADDRINUSE' });
});
