import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import {
  type Configuration,
  ConfigurationError,
  createProxy,
  type MtlsProxy,
  type ProxyOptions,
} from '../src/index.ts';
import { open, send } from './fixtures/client.ts';
import { makePki, pkiFiles, writeFiles } from './fixtures/pki.ts';
import { Log, oneRoute } from './fixtures/proxy.ts';
import { makeFolder } from './fixtures/sound.ts';
import { startUpstream } from './fixtures/upstreams.ts';
import { deferred } from './fixtures/wire.ts';

const pki = await makePki();
const files = pkiFiles(pki);
const required = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };

/** The configuration of one route to an upstream, as a program writes it. */
function configured(upstream: string, more: object = {}): Configuration {
  return { ...(oneRoute(upstream) as Configuration), ...more };
}

/** A proxy on the test's credentials, which is stopped at the end. */
async function make(t: Test, config: Configuration, options: ProxyOptions = {}): Promise<MtlsProxy> {
  const proxy = createProxy(config, { cwd: await makeFolder(t, files), ...options });
  t.teardown(() => proxy.stop(0));
  return proxy;
}

/** What a promise is rejected by. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

t.test('a configuration in the program: requests reach the upstream by mutual TLS', async (t) => {
  const upstream = await startUpstream(t, required);
  const proxy = await make(t, configured(upstream.url));
  const { addresses, warnings } = await proxy.start();
  t.match(addresses, [/^127\.0\.0\.1:[1-9]\d*$/]);
  t.same(warnings, []);
  t.match(await send(`http://${addresses[0]}/iot/hello`), { status: 200 });
  t.same(await proxy.stop(), { cut: 0 });
  t.match(await failureOf(send(`http://${addresses[0]}/iot/hello`)), { code: 'ECONNREFUSED' });
});

t.test('a configuration in a file, with variables of its own', async (t) => {
  const upstream = await startUpstream(t, required);
  const text = stringify(oneRoute('${UPSTREAM}'));
  const folder = await makeFolder(t, { ...files, 'proxy.yaml': text });
  const file = join(folder, 'proxy.yaml');
  t.match(
    await failureOf(createProxy({ file }).start()),
    { message: /variable UPSTREAM is not set/ },
    'none of the process',
  );
  const proxy = createProxy({ file }, { env: { UPSTREAM: upstream.url } });
  t.teardown(() => proxy.stop(0));
  const { addresses } = await proxy.start();
  t.match(await send(`http://${addresses[0]}/iot/hello`), { status: 200 });
});

t.test('a wrong configuration is rejected with all problems, by line or by key', async (t) => {
  const wrong = {
    listen: '127.0.0.1:0',
    drian: '5s',
    routes: [
      {
        name: 'iot',
        match: { path: '/iot' },
        upstream: 'https://127.0.0.1:1',
        timeouts: { idle: '5' },
        tls: { ca: 'gone.pem', cert: 'client.crt', key: 'client.key' },
      },
    ],
  };
  const folder = await makeFolder(t, { ...files, 'proxy.yaml': stringify(wrong) });
  const byKey = await failureOf(createProxy(wrong as unknown as Configuration, { cwd: folder }).start());
  t.ok(byKey instanceof ConfigurationError);
  const { message, problems } = byKey as ConfigurationError;
  t.match(message.split('\n'), [
    /^drian: .*drain/,
    /^routes\[0\]\.timeouts\.idle: /,
    /^routes\[0\]\.tls\.ca: cannot read .*gone\.pem/,
  ]);
  t.same(
    problems.map(({ key, severity }) => [key, severity]),
    [
      ['drian', 'error'],
      ['routes[0].timeouts.idle', 'error'],
      ['routes[0].tls.ca', 'error'],
    ],
  );
  const file = join(folder, 'proxy.yaml');
  const byLine = (await failureOf(createProxy({ file }).start())) as ConfigurationError;
  t.same(
    byLine.problems.map(({ file, line }) => [file, line]),
    [
      [file, 2],
      [file, 9],
      [file, 11],
    ],
  );
  const absent = await failureOf(createProxy({ file: join(folder, 'gone.yaml') }).start());
  t.match(absent, { name: 'ConfigurationError', message: /cannot read the configuration/ });
  for (const nothing of [{}, [], null, undefined, 'proxy.yaml']) {
    const failed = await failureOf(createProxy(nothing as unknown as Configuration).start());
    t.ok(failed instanceof ConfigurationError, String(JSON.stringify(nothing)));
  }
});

t.test('warnings do not stop a start, and no secret stands in them', async (t) => {
  const { routes, ...rest } = configured('https://127.0.0.1:1');
  const tls = { ...routes[0]?.tls, key: 'client-encrypted.key', passphrase: 'correct horse' };
  const proxy = await make(t, { ...rest, routes: [{ ...(routes[0] as (typeof routes)[0]), tls }] });
  const { warnings } = await proxy.start();
  t.match(warnings, [{ key: 'routes[0].tls.passphrase', severity: 'warning', message: /plain text/ }]);
  t.notMatch(JSON.stringify(warnings), /correct horse/);
});

t.test('two proxies in one process, each with its own identity', async (t) => {
  const upstream = await startUpstream(t, { ...required, ca: pki.ca.cert + pki.other.ca.cert });
  const one = await make(t, configured(upstream.url, { admin: '127.0.0.1:0' }));
  const others = { 'client.crt': pki.other.client.cert, 'client.key': pki.other.client.key };
  const other = await make(t, configured(upstream.url, { admin: '127.0.0.1:0' }), {
    cwd: await makeFolder(t, { ...files, ...others }),
  });
  const started = [await one.start(), await other.start()];
  for (const { addresses } of started) t.match(await send(`http://${addresses[0]}/iot/`), { status: 200 });
  t.same(
    upstream.connections.all().map(({ client }) => client),
    ['client', 'other-client'],
  );
  await one.stop();
  t.match(await send(`http://${started[1]?.addresses[0]}/iot/`), { status: 200 });
});

t.test('a listener that cannot be opened rejects the start, and nothing is listened on', async (t) => {
  const upstream = await startUpstream(t, required);
  const first = await make(t, configured(upstream.url));
  const { addresses } = await first.start();
  const second = await make(t, configured(upstream.url, { listen: addresses[0] }));
  t.match(await failureOf(second.start()), { code: 'EADDRINUSE' });
  t.same(await second.stop(), { cut: 0 });
});

t.test('stop drains: what runs is finished, and nothing new is taken', async (t) => {
  const held = deferred<void>();
  const arrived = deferred<void>();
  const upstream = await startUpstream(t, {
    ...required,
    handler: async (_request, response) => {
      arrived.resolve();
      await held.promise;
      response.end('done');
    },
  });
  const proxy = await make(t, configured(upstream.url));
  const { addresses } = await proxy.start();
  const running = send(`http://${addresses[0]}/iot/`);
  await arrived.promise;
  const stopped = proxy.stop();
  t.equal(proxy.stop(), stopped, 'asked again, it is the same stop');
  t.match(await failureOf(proxy.reload()), { message: /not running/ });
  const late = connect({ host: '127.0.0.1', port: Number(addresses[0]?.split(':').at(-1)) });
  t.match(await once(late, 'error'), [{ code: 'ECONNREFUSED' }]);
  held.resolve();
  t.match(await running, { status: 200 });
  t.same(await stopped, { cut: 0 });
});

t.test('a stop that is not waited for cuts what runs, and says so', async (t) => {
  const arrived = deferred<void>();
  const upstream = await startUpstream(t, { ...required, handler: () => arrived.resolve() });
  const proxy = await make(t, configured(upstream.url));
  const { addresses } = await proxy.start();
  const { response } = open(`http://${addresses[0]}/iot/`);
  const cut = failureOf(response);
  await arrived.promise;
  t.same(await proxy.stop(0), { cut: 1 });
  t.ok(await cut);
});

t.test('reload: another configuration, or nothing of it', async (t) => {
  const upstream = await startUpstream(t, required);
  const log = new Log();
  const proxy = await make(t, configured(upstream.url), { log: { write: (line) => log.add(line) } });
  t.match(await failureOf(proxy.reload()), { message: /not running/ });
  const { addresses } = await proxy.start();
  const { routes, ...rest } = configured(upstream.url);
  const other = { ...(routes[0] as (typeof routes)[0]), name: 'other', match: { path: '/other' } };
  t.same(await proxy.reload({ ...rest, routes: [...routes, other] }), { addresses, warnings: [] });
  t.match(await send(`http://${addresses[0]}/other/`), { status: 200 });

  const wrong = await failureOf(proxy.reload({ ...rest, routes: [] }));
  t.match(wrong, { name: 'ConfigurationError', problems: [{ key: 'routes' }] });
  t.match(await failureOf(proxy.reload({ ...rest, routes, listen: `127.0.0.1:${upstream.port}` })), {
    code: 'EADDRINUSE',
  });
  t.match(await send(`http://${addresses[0]}/other/`), { status: 200 }, 'the old one goes on');
  t.same(await proxy.reload(), { addresses, warnings: [] }, 'and is what is read again');

  const both = await Promise.all([proxy.reload({ ...rest, routes }), failureOf(proxy.reload({ ...rest, routes: [] }))]);
  t.match(both, [{ addresses }, { name: 'ConfigurationError' }], 'each is told of its own');
  t.match(await send(`http://${addresses[0]}/other/`), { status: 404 });
  t.same(
    log.all('reload').map(({ level }) => level),
    [30, 50, 50, 30, 30, 50],
  );
});

t.test('files that are watched are taken over by themselves; others by a reload', async (t) => {
  const upstream = await startUpstream(t, required);
  const folder = await makeFolder(t, { ...files, 'proxy.yaml': stringify(oneRoute(upstream.url)) });
  const file = join(folder, 'proxy.yaml');
  const log = new Log();
  const watching = createProxy({ file }, { log: { write: (line) => log.add(line) } });
  const still = createProxy({ file }, { watch: false });
  t.teardown(() => Promise.all([watching.stop(0), still.stop(0)]));
  await watching.start();
  const { addresses } = await still.start();
  await writeFiles(folder, { 'proxy.yaml': stringify(oneRoute(upstream.url, {}, { match: { path: '/new' } })) });
  await log.next(({ msg, changed }) => msg === 'reload' && Array.isArray(changed) && changed.length > 0);
  t.match(await send(`http://${addresses[0]}/new/`), { status: 404 });
  await still.reload();
  t.match(await send(`http://${addresses[0]}/new/`), { status: 200 });
});

t.test('a logger of the program keeps its own level; without one there is no log', async (t) => {
  const upstream = await startUpstream(t, required);
  const log = new Log();
  const logger = pino({ level: 'warn' }, { write: (line: string) => log.add(line) }).child({ part: 'proxy' });
  const proxy = await make(t, configured(upstream.url, { log: { level: 'debug' } }), { log: logger });
  const { addresses } = await proxy.start();
  await send(`http://${addresses[0]}/iot/`);
  await failureOf(proxy.reload({ ...configured(upstream.url), routes: [] }));
  await proxy.stop();
  t.match(log.all(), [{ msg: 'reload', part: 'proxy', level: 50 }]);
  t.equal(logger.level, 'warn');
});

t.test('it starts once', async (t) => {
  const upstream = await startUpstream(t, required);
  const proxy = await make(t, configured(upstream.url));
  const first = proxy.start();
  t.match(await failureOf(proxy.start()), { message: /starts once/ });
  t.same(
    await Promise.all([first, proxy.stop()]).then(([, stopped]) => stopped),
    { cut: 0 },
    'a stop waits for the start',
  );
  t.match(await failureOf(proxy.start()), { message: /starts once/ });

  const never = await make(t, configured(upstream.url));
  t.same(await never.stop(), { cut: 0 });
  t.match(await failureOf(never.start()), { message: /starts once/ });
});

t.test('it touches no signal of the process', async (t) => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'unhandledRejection', 'uncaughtException'];
  const counts = () => signals.map((name) => process.listenerCount(name));
  const before = counts();
  const upstream = await startUpstream(t, required);
  const proxy = await make(t, configured(upstream.url));
  const { addresses } = await proxy.start();
  await send(`http://${addresses[0]}/iot/`);
  t.same(counts(), before);
  await proxy.stop();
  t.same(counts(), before);
});
