import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { type Attempt, type Cause, failures, ProxyError } from '../../src/errors.ts';
import { problem, proxyStatus, respond } from '../../src/proxy/respond.ts';
import { send } from '../fixtures/client.ts';

const attempts: Attempt[] = [{ offer: 'TLSv1.3', outcome: 'alert', code: 'ERR_SSL_X', alert: 48, ms: 3 }];

async function serve(t: Tap, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Tap {
  teardown(end: () => unknown): unknown;
}

t.test('a problem document', async (t) => {
  let written = 0;
  const url = await serve(t, (response) => {
    const error = new ProxyError('client-certificate', 'ünknown "CA"', { attempts });
    written = respond(response, error, { route: 'iot', upstream: 'device.test:443' });
  });
  const reply = await send(url);
  t.match(reply, {
    status: 502,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'proxy-status': 'mtls-proxy; error=tls_alert_received; alert-id=48; details="?nknown \\"CA\\""',
    },
  });
  t.equal(reply.body.length, written);
  t.same(reply.json(), {
    type: 'https://github.com/local-mtls-proxy/local-mtls-proxy/blob/main/docs/problems.md#client-certificate',
    title: 'The upstream did not accept our client certificate',
    status: 502,
    detail: 'ünknown "CA"',
    route: 'iot',
    cause: 'client-certificate',
    upstream: 'device.test:443',
    attempts,
  });
});

t.test('a response that has begun is cut short', async (t) => {
  const url = await serve(t, (response) => {
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('abc', () => t.equal(respond(response, new ProxyError('timeout', 'late')), 0));
  });
  await t.rejects(send(url), { message: /cut short after 3 bytes/ });
});

t.test('every cause has its type, its status and its anchor', async (t) => {
  for (const code of Object.keys(failures) as Cause[]) {
    const error = new ProxyError(code, 'text');
    t.match(problem(error), { cause: code, status: failures[code].status, title: failures[code].title });
    t.equal(proxyStatus(error), `mtls-proxy; error=${failures[code].error}; details="text"`);
  }
});

t.test('an alert’s number is told only where an alert is the error', async (t) => {
  const status = (error: string, tried: readonly Attempt[]) =>
    proxyStatus(new ProxyError('client-certificate', 'x', { attempts: tried, error }));
  t.match(status('tls_alert_received', attempts), '; alert-id=48;');
  t.notMatch(status('connection_terminated', attempts), 'alert-id');
  t.notMatch(status('tls_alert_received', [{ offer: 'x', outcome: 'close', ms: 1 }]), 'alert-id');
});

t.test('a client that goes on sending is not cut off under its answer', async (t) => {
  const requests: IncomingMessage[] = [];
  const url = await serve(t, (response) => {
    requests.push(response.req);
    respond(response, new ProxyError('bad-request', 'too long', { status: 413 }));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  t.equal((await send(url, { agent, method: 'POST', body: Buffer.alloc(5_000_000) })).status, 413);
  t.equal((await send(url, { agent })).status, 413);
  t.equal(requests[0]?.socket, requests[1]?.socket, 'the rest was dropped, and the connection kept');
});

t.test('a connection ends with the answer where the error says so', async (t) => {
  const url = await serve(t, (response) => {
    respond(response, new ProxyError('bad-request', 'too slow', { status: 408, close: true }));
  });
  t.match(await send(url), { status: 408, headers: { connection: 'close' } });
});
