import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { loadObject } from '../../src/config/load.ts';
import { defaultsSchema } from '../../src/config/schema.ts';
import { loadText, withRoute } from './load-text.ts';

t.test('what is left out has its default', async (t) => {
  const { config } = loadText(t, withRoute());
  // In the order in which they are put together: then a difference shows alone.
  const standard = {
    listen: [{ host: '127.0.0.1', port: 0 }],
    exposed: false,
    guard: { hosts: [], origins: [] },
    log: { level: 'info', format: 'auto' },
    limits: { header: 16_384, body: Infinity, connections: 4096, connectionsPerClient: Infinity },
    drain: 30_000,
    workers: 1,
    routes: [
      {
        name: 'a',
        match: { path: '/a' },
        upstream: { hostname: 'h', port: 443, authority: 'h', path: '' },
        stripPath: true,
        tls: {
          offer: 'range',
          verifyHostname: true,
          legacyServerConnect: false,
          downgrade: 'warn',
          remember: 3_600_000,
          resume: true,
          versions: ['TLSv1.3', 'TLSv1.2'],
          ca: ['default'],
          pins: [],
          crl: [],
        },
        pool: { keepAlive: true, maxConnections: 256, idleTimeout: 30_000 },
        replay: 'idempotent',
        timeouts: { connect: 5000, handshake: 5000, ladder: 15_000, response: 60_000, idle: 120_000 },
        limits: { body: Infinity },
        headers: { request: { set: [], remove: [] }, response: { set: [], remove: [] } },
        host: 'upstream',
        rewrite: { location: true, cookies: true },
      },
    ],
  };
  t.same(config, standard, 'every key with its default, and a new one too');
});

t.test('each key of a route may stand in `defaults`, and says the same there', async (t) => {
  const examples = parse(readFileSync(new URL('../../../scripts/reference/examples.yaml', import.meta.url), 'utf8'));
  const { name, match, upstream, ...own } = examples.routes[0];
  const { listen } = examples;
  t.same(
    Object.keys(own).sort(),
    Object.keys(defaultsSchema.entries).sort(),
    'examples.yaml has each in its first route',
  );
  const named = ['ca.pem', 'ca.crl', 'client.crt', 'client.key', 'via.password'];
  const folder = t.testdir(Object.fromEntries(named.map((file) => [file, ''])));
  const env = { API_KEY: 'hush', KEY_PASS: 'hush' };
  const settled = (defaults: object, route: object) => {
    const written = { listen, defaults, routes: [{ name, match, upstream, ...route }] };
    const { config, problems } = loadObject(written, folder, env);
    t.same(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    return config?.routes[0];
  };
  const silent = settled({}, {});
  for (const [key, value] of Object.entries(own)) {
    const said = settled({}, { [key]: value });
    t.notSame(said, silent, `${key} of a route is heeded`);
    t.same(settled({ [key]: value }, {}), said, `${key} of \`defaults\` is, too`);
  }
});

t.test('a route wins over defaults, defaults over what is built in, key by key', async (t) => {
  const { config } = loadText(
    t,
    `defaults:
  stripPath: false
  host: preserve
  replay: never
  tls: { versions: [1.3, 1.2], offer: exact, groups: X25519, remember: 0, ca: a.pem }
  pool: { maxConnections: 7, idleTimeout: 1s }
  timeouts: { connect: 1s, idle: 2s }
${withRoute('replay: always', 'tls: { versions: [1.2], resume: false }', 'pool: { idleTimeout: 3s }', 'timeouts: { idle: 4s }')}`,
  );
  t.match(config?.routes[0], {
    stripPath: false,
    host: 'preserve',
    replay: 'always',
    tls: { versions: ['TLSv1.2'], offer: 'exact', groups: 'X25519', remember: 0, resume: false, verifyHostname: true },
    pool: { keepAlive: true, maxConnections: 7, idleTimeout: 3000 },
    timeouts: { connect: 1000, handshake: 5000, idle: 4000 },
  });
  t.same(config?.routes[0]?.tls.versions, ['TLSv1.2'], 'a list is replaced, not merged');
});

t.test('everything at the top', async (t) => {
  const { config, lines } = loadText(
    t,
    `exposed: true
guard: { hosts: [Proxy.Test], origins: ["https://App.example:443", "moz-extension://Id"], token: { env: TOKEN } }
admin: "[::1]:9901"
log: { level: debug, format: json }
limits: { header: 8KiB, connections: 10 }
drain: 0
workers: auto
${withRoute().replace('127.0.0.1:0', '[0.0.0.0:80, "unix:/run/p"]').replace('{ path: /a }', '{ host: API.example, listen: "unix:/run/../run/p" }')}`,
    { TOKEN: 'hush' },
  );
  t.match(lines, [/warning: no page is let in/, /warning: 0\.0\.0\.0:80 can be reached/]);
  t.match(config, {
    guard: { hosts: ['proxy.test'], origins: ['https://app.example', 'moz-extension://Id'], token: 'hush' },
    listen: [{ host: '0.0.0.0', port: 80 }, { unix: '/run/p' }],
    exposed: true,
    admin: { host: '::1', port: 9901 },
    log: { level: 'debug', format: 'json' },
    limits: { header: 8192, connections: 10 },
    drain: 0,
    workers: 'auto',
    routes: [{ match: { host: 'api.example', listen: 'unix:/run/p' } }],
  });
});

t.test('another source of certificates or trust replaces that of defaults', async (t) => {
  const tls = (defaults: string, own: string) => {
    const { config, lines } = loadText(t, `defaults: { tls: ${defaults} }\n${withRoute(`tls: ${own}`)}`);
    t.same(lines, []);
    const { cert, key, pfx, keystore, ca, truststore } = config?.routes[0]?.tls ?? {};
    const written = Object.entries({ cert, key, pfx, keystore, truststore }).filter(([, value]) => value !== undefined);
    return [...written.map(([name]) => name), ...(ca?.map((each) => each.replace(/.*\//, '')) ?? [])];
  };
  const pair = 'cert: a.pem, key: b.pem';
  t.same(tls(`{ ${pair}, ca: a.pem }`, '{}'), ['cert', 'key', 'a.pem']);
  t.same(tls(`{ ${pair} }`, '{ pfx: a.pem }'), ['pfx', 'default']);
  t.same(tls('{ cert: a.pem }', '{ keystore: { file: a.pem } }'), ['keystore', 'default']);
  t.same(tls('{ key: a.pem }', '{ keystore: { file: a.pem } }'), ['keystore', 'default']);
  t.same(tls('{ pfx: a.pem }', `{ ${pair} }`), ['cert', 'key', 'default']);
  t.same(tls('{ key: b.pem }', '{ cert: a.pem }'), ['cert', 'key', 'default']);
  t.same(tls('{ ca: a.pem }', '{ truststore: { file: a.pem } }'), ['truststore', 'default']);
  t.same(tls('{ truststore: { file: a.pem } }', '{ ca: [system, b.pem] }'), ['system', 'b.pem']);
});
