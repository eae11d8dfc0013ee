import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { serveAdmin } from '../../src/admin/admin.ts';
import { sourceOf } from '../../src/admin/admin-source.ts';
import type { AdminView } from '../../src/admin/view.ts';
import { createLog } from '../../src/log.ts';
import { createMetrics, type MetricsRegistry } from '../../src/metrics.ts';
import { send } from '../fixtures/client.ts';
import { Log } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';

const route = (name: string, kind: string, notAfter: string) =>
  ({
    settings: { name },
    upstream: {
      certificates: [{ kind, notBefore: '2029-01-01T00:00:00.000Z', notAfter, subject: 'CN=x' }],
      ladder: { offers: ['TLSv1.3'], remembered: undefined, lowered: undefined, retryIn: undefined },
      pool: { counts: { idle: 1, busy: 0, dialing: 0, waiting: 0 } },
    },
  }) as unknown as AdminView['routes'][number];

const log = new Log();
const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });

async function start(t: Scope, view: Partial<AdminView>, metrics?: MetricsRegistry): Promise<string> {
  const registry = metrics ?? (await createMetrics());
  const whole: AdminView = {
    guard: { hosts: undefined },
    routes: [],
    retired: [],
    generation: 1,
    starting: false,
    draining: false,
    version: '1.2.3',
    started: Date.parse('2029-12-31T00:00:00Z'),
    listeners: [],
    logger,
    ...view,
  };
  const server = createServer((request, response) => {
    void serveAdmin(request, response, sourceOf(whole, registry), Date.parse('2030-01-01T00:00:00Z'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('not ready once a client certificate has expired; one above it or the server’s is no reason', async (t) => {
  const routes = [
    route('old', 'client', '2029-12-31T23:59:59.000Z'),
    route('new', 'client', '2031-01-01T00:00:00.000Z'),
    route('chain', 'chain', '2029-01-01T00:00:00.000Z'),
    route('server', 'server', '2029-01-01T00:00:00.000Z'),
  ];
  const reply = await send(`${await start(t, { routes })}/readyz`);
  t.equal(reply.status, 503);
  t.equal(reply.text(), 'route old: the client certificate expired on 2029-12-31T23:59:59.000Z\n');
});

t.test('certificates and connections as gauges', async (t) => {
  const routes = [route('iot', 'client', '2030-01-01T00:00:00.000Z')];
  const text = (await send(`${await start(t, { routes })}/metrics?x=1`)).text();
  t.match(text, 'mtls_proxy_certificate_not_after_seconds{route="iot",kind="client"} 1893456000');
  t.match(text, 'mtls_proxy_upstream_connections{route="iot",state="idle"} 1');
});

t.test('what it does not have', async (t) => {
  const url = await start(t, {});
  for (const path of ['/iot', '/status/', '/toString', '/page']) {
    const reply = await send(`${url}${path}`);
    t.match(reply.json(), { status: 404, detail: /\/status, \/healthz, \/readyz and \/metrics/ }, path);
  }
  t.match((await send(`${url}/healthz`, { method: 'DELETE' })).json(), { status: 405, detail: /GET and HEAD/ });
});

t.test('a failure of its own is a problem document', async (t) => {
  const metrics = { ...(await createMetrics()), show: () => Promise.reject(new Error('broken')) };
  const reply = await send(`${await start(t, {}, metrics)}/metrics`);
  t.equal(reply.status, 500);
  t.match(reply.json(), { cause: 'internal' });
  t.notMatch(reply.text(), 'broken');
  t.match(log.all('request'), [{ level: 50, admin: true, path: '/metrics', err: { message: 'broken' } }]);
});
