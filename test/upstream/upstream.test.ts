import { createSecureContext } from 'node:tls';
import t from 'tap';
import { createLog } from '../../src/log.ts';
import { noMetrics } from '../../src/metrics.ts';
import type { Credentials } from '../../src/tls/credentials.ts';
import { offersOf } from '../../src/tls/offers.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import type { UpstreamSettings } from '../../src/upstream/ladder-settings.ts';
import { Upstream } from '../../src/upstream/upstream.ts';
import { startFront } from '../fixtures/front.ts';
import { makePki } from '../fixtures/pki.ts';
import { Log } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const { ca, client, server } = pki;
const required = { cert: server.chain, key: server.key, ca: ca.cert };

function route(hostname: string, port: number, tls: Partial<UpstreamSettings['tls']> = {}): UpstreamSettings {
  return {
    name: 'iot',
    upstream: { hostname, port, authority: `${hostname}:${port}`, path: '' },
    tls: {
      versions: ['TLSv1.3', 'TLSv1.2'],
      offer: 'exact',
      groups: 'X25519:P-256',
      ca: [],
      verifyHostname: true,
      pins: [],
      crl: [],
      legacyServerConnect: false,
      downgrade: 'warn',
      remember: 60_000,
      resume: true,
      ...tls,
    },
    pool: { keepAlive: true, maxConnections: 4, idleTimeout: 60_000 },
    timeouts: { connect: 20_000, handshake: 20_000, ladder: 60_000, response: 60_000, idle: 60_000 },
  };
}

function credentials({ tls }: UpstreamSettings): Credentials {
  const offers = offersOf(tls, false);
  const contexts = offers.map(({ min: minVersion, max: maxVersion }) =>
    createSecureContext({ ca: ca.cert, cert: client.chain, key: client.key, minVersion, maxVersion }),
  );
  return { offers, contexts, certificate: undefined, ends: [], warnings: [] };
}

async function start(t: Scope, settings: UpstreamSettings): Promise<{ upstream: Upstream; log: Log }> {
  const log = new Log();
  const stream = { write: (line: string) => log.add(line) };
  const { logger } = await createLog({ level: 'debug', format: 'json', stream });
  const upstream = new Upstream(settings, credentials(settings), { logger, metrics: noMetrics });
  t.teardown(() => upstream.destroy());
  return { upstream, log };
}

const acquire = (upstream: Upstream): Promise<Connection> =>
  new Promise((ready, failed) => upstream.pool.acquire({ fresh: false, ready, failed }));

t.test('its name is how logs and problems call it', async (t) => {
  t.equal((await start(t, route('device.test', 8743))).upstream.name, 'device.test:8743');
  t.equal((await start(t, route('::1', 8743))).upstream.name, '[::1]:8743');
});

t.test('handshakes, fallbacks and recoveries are logged', async (t) => {
  const up = await startUpstream(t, required);
  const front = await startFront(t, { to: up, decide: (_hello, n) => (n === 0 ? 'reset' : 'pass') });
  const { upstream, log } = await start(t, route('127.0.0.1', front.port));
  const connection = await acquire(upstream);
  t.equal(connection.secure.negotiated.protocol, 'TLSv1.2');
  const where = { route: 'iot', upstream: `127.0.0.1:${front.port}` };
  t.match(await log.next('handshake'), {
    ...where,
    protocol: 'TLSv1.2',
    offer: 'TLSv1.2',
    resumed: false,
    cipher: /^TLS_/,
    attempts: [
      { offer: 'TLSv1.3', outcome: 'reset', code: 'ECONNRESET' },
      { offer: 'TLSv1.2', outcome: 'ok' },
    ],
  });
  t.match(await log.next('fallback'), {
    ...where,
    from: 'TLSv1.3',
    to: 'TLSv1.2',
    outcome: 'reset',
    code: 'ECONNRESET',
  });
  t.match(await log.next('recovered'), { ...where, protocol: 'TLSv1.3', offer: 'TLSv1.3' });
});

t.test('certificates are those of the route, and the last one that the server showed', async (t) => {
  const up = await startUpstream(t, required);
  const { upstream } = await start(t, route('127.0.0.1', up.port));
  t.same(upstream.certificates, []);
  await acquire(upstream);
  t.match(upstream.certificates, [{ kind: 'server', subject: 'CN=localhost', notAfter: /^\d{4}-/ }]);
});

t.test('servername is what is verified and sent', async (t) => {
  const up = await startUpstream(t, required);
  const { upstream } = await start(t, route('127.0.0.1', up.port, { servername: 'localhost' }));
  await acquire(upstream);
  t.equal((await up.connections.first()).servername, 'localhost');
  const other = await start(t, route('127.0.0.1', up.port, { servername: 'device.test' }));
  await t.rejects(acquire(other.upstream), { code: 'server-certificate' });
});

t.test('retire lets running requests finish, destroy does not', async (t) => {
  const up = await startUpstream(t, required);
  const { upstream } = await start(t, route('127.0.0.1', up.port));
  const connection = await acquire(upstream);
  const { closed } = await up.connections.first();
  upstream.retire();
  t.ok(connection.usable);
  upstream.destroy();
  t.notOk(connection.usable);
  await closed;
});
