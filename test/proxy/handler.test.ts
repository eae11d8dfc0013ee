import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import { ProxyError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { noMetrics } from '../../src/metrics.ts';
import { serve } from '../../src/proxy/handler.ts';
import { LastHead } from '../../src/proxy/last-head.ts';
import type { Site } from '../../src/proxy/site.ts';
import type { LiveRoute, Task } from '../../src/proxy/task.ts';
import { rawRequest, send } from '../fixtures/client.ts';
import type { Problem } from '../fixtures/pair.ts';
import { Log } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';

/** A server with one route at `/iot`, whose requests end in a function of the test's. */
async function start(t: Scope, forward: (task: Task) => void) {
  const log = new Log();
  const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });
  const settings = { ...routeTo('https://device.test'), name: 'iot', match: { path: '/iot' } };
  const upstream = { name: 'device.test:443' } as LiveRoute['upstream'];
  const site: Site = {
    key: Symbol('site'),
    routes: [{ settings, upstream, last: new LastHead(), forward }],
    listener: '',
    guard: { hosts: undefined },
    logger,
    metrics: noMetrics,
  };
  const server = createServer((request, response) => serve(request, response, site)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { log, port, url: `http://127.0.0.1:${port}/iot` };
}

t.test('E15 an exception of our own ends one request only, and is logged once', async (t) => {
  let fail = true;
  const { url, log } = await start(t, ({ response }) => {
    if (fail) throw new TypeError('no such thing');
    response.end('fine');
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const reply = await send(`${url}/a?secret`, { agent, method: 'POST', body: 'x'.repeat(1000) });
  t.match(reply, { status: 500, headers: { 'proxy-status': /^mtls-proxy; error=proxy_internal_error; details="/ } });
  const problem = reply.json<Problem>();
  t.match(problem, { cause: 'internal', route: 'iot', upstream: 'device.test:443', detail: /see its log/ });
  t.notMatch(reply.text(), 'no such thing', 'what failed is nobody’s affair outside');

  fail = false;
  t.equal((await send(url, { agent })).text(), 'fine', 'on the same connection');
  await log.next(({ status }) => status === 200);
  const [first, second] = log.all('request');
  t.equal(log.all().length, 2);
  t.match(first, { level: 50, path: '/iot/a', status: 500, cause: 'internal', bytesOut: reply.body.length });
  t.match(first?.['err'], { type: 'TypeError', message: 'no such thing', stack: /handler\.test/ });
  t.match(second, { level: 30, path: '/iot' });
  t.notOk('err' in (second ?? {}));
});

t.test('a failure that has a cause is told as it is, and is no error in the log', async (t) => {
  const { url, log } = await start(t, () => {
    throw new ProxyError('bad-request', 'two lengths', { source: 'downstream' });
  });
  t.match(await send(url), { status: 400 });
  const line = await log.next('request');
  t.match(line, { level: 30, status: 400, cause: 'bad-request' });
  t.notOk('err' in line);
});

t.test('a failure before a route is found names none', async (t) => {
  const { port, log } = await start(t, ({ response }) => response.end());
  const wire = await rawRequest(t, port, 'GET /nowhere HTTP/1.0\r\n\r\n');
  t.match(await wire.head(), /^HTTP\/1\.1 404 /);
  const document = JSON.parse((await wire.until('}\n')).toString());
  t.match(document, { cause: 'no-route', detail: /iot \(path \/iot\)/ });
  t.notOk('upstream' in document);
  t.notOk('route' in (await log.next('request')));
  const odd = await rawRequest(t, port, 'GET ftp://device.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
  t.match(await odd.head(), /^HTTP\/1\.1 400 /);
});

t.test('a client that leaves is told to who works for it', async (t) => {
  let task: Task | undefined;
  const abandoned = new Promise<void>((resolve) => {
    start(t, (mine) => {
      task = mine;
      mine.work = { abandon: resolve };
      controller.abort();
    }).then(async ({ url, log }) => {
      await t.rejects(send(url, { signal: controller.signal }));
      t.match(await log.next('request'), { aborted: true, status: 0 });
    });
  });
  const controller = new AbortController();
  await abandoned;
  t.equal(task?.cause, undefined);
});
